import Capacity
import SeededRandom
import Testing

/// Random commands while the catalogue is edited under them, over generated calendars with every kind of rule: I1 to I7 and
/// I10 to I12 of SYSTEM.md section 9, where no model knows the calendar.
struct EditedShopTests {
  static let runs = 40
  static let length = 250

  @Test(arguments: 0..<runs)
  func nothingIsLostOrSoldTwiceWhileSchedulesChange(_ run: Int) throws {
    let seed = Seed.value &+ UInt64(run) &* 7_368_787
    let steps = Array(0..<Self.length)
    guard try !played(seed, steps).differences.isEmpty else { return }
    let least = Replay.reduce(steps) { (try? !played(seed, $0).differences.isEmpty) ?? false }
    let shop = try played(seed, least)
    Issue.record(
      """
      CUPO_SEED=\(Seed.value) run \(run), reduced to steps \(least):
      \((shop.diary + shop.differences.prefix(5)).joined(separator: "\n"))
      """)
  }

  /// Runs that sell nothing or whose edits hurt nobody would prove nothing.
  @Test func editsHurt() throws {
    var (sold, overcommitted) = (0, 0)
    for run in 0..<UInt64(10) {
      let shop = try played(Seed.value &+ run, Array(0..<Self.length))
      (sold, overcommitted) = (sold + shop.soldCount, overcommitted + shop.overcommittedCount)
    }
    #expect(sold > 80 && overcommitted > 30, "CUPO_SEED=\(Seed.value): \(sold), \(overcommitted)")
  }

  private func played(_ seed: UInt64, _ steps: [Int]) throws -> EditedShop {
    var shop = try EditedShop(seed: seed)
    for (index, step) in steps.enumerated() {
      try shop.step(seed: seed ^ UInt64(step + 1) &* 0x9E37_79B9_7F4A_7C15)
      if index % 25 == 24 { shop.check() }
      if !shop.differences.isEmpty { return shop }
    }
    shop.check()
    return shop
  }
}
