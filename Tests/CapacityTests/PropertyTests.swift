import Capacity
import SeededRandom
import Testing

/// Random catalogues and commands against the slow model: I1 to I7 and I12 of SYSTEM.md section 9, limits for buyers, pricing
/// triggers, and roll-back. More than a hundred thousand commands, most of them in short runs, where comparing costs least.
struct PropertyTests {
  /// Runs and the commands of each.
  static let shapes = [(runs: 1_500, length: 70), (runs: 12, length: 350)]
  // Runs that one test takes, so that several can go on beside one another.
  private static let share = 100

  static let parts = shapes.flatMap { shape in
    stride(from: 0, to: shape.runs, by: share).map { first in
      Part(first: first, count: min(share, shape.runs - first), length: shape.length)
    }
  }

  struct Part: Sendable {
    var first: Int
    var count: Int
    var length: Int
  }

  @Test(arguments: parts)
  func theLedgerDoesWhatTheModelDoes(_ part: Part) {
    for run in part.first..<part.first + part.count {
      let replay = Replay(seed: Seed.value &+ UInt64(run) &* 1_000_003 &+ UInt64(part.length))
      let steps = Array(0..<part.length)
      guard !replay.differences(steps).isEmpty else { continue }
      let least = replay.shrunk(steps)
      Issue.record(
        """
        CUPO_SEED=\(Seed.value) run \(run), reduced to steps \(least):
        \(replay.story(least).joined(separator: "\n"))
        """)
      return
    }
  }

  @Test func thereAreAHundredThousand() {
    #expect(Self.parts.map { $0.count * $0.length }.reduce(0, +) >= 100_000)
  }

  /// A difference that only two of many steps make together is told by these two.
  @Test func whatFailsIsReduced() {
    let least = Replay.reduce(Array(0..<70)) { $0.contains(11) && $0.contains(52) }
    #expect(least == [11, 52])
  }
}

/// One run, of which steps can be left out.
struct Replay {
  private static let triesMax = 400

  let seed: UInt64

  func differences(_ steps: [Int]) -> [String] { played(steps).differences }

  /// What was done, and what came of it.
  func story(_ steps: [Int]) -> [String] {
    let duel = played(steps)
    return duel.diary + duel.differences.prefix(5)
  }

  /// As few of `steps` as still make a difference.
  func shrunk(_ steps: [Int]) -> [Int] {
    Self.reduce(steps) { !differences($0).isEmpty }
  }

  /// Leaves out ever smaller parts as long as `fails` holds of the rest.
  static func reduce(_ all: [Int], _ fails: ([Int]) -> Bool) -> [Int] {
    var (steps, size, tries) = (all, max(1, all.count / 2), 0)
    while tries < triesMax {
      var start = 0
      var isSmaller = false
      while start < steps.count, tries < triesMax {
        var rest = steps
        rest.removeSubrange(start..<min(start + size, steps.count))
        tries += 1
        if fails(rest) {
          (steps, isSmaller) = (rest, true)
        } else {
          start += size
        }
      }
      if size == 1, !isSmaller { break }
      if !isSmaller || size > 1 { size = max(1, size / 2) }
    }
    return steps
  }

  private func played(_ steps: [Int]) -> Duel {
    var duel = Duel(seed: seed)
    for (index, step) in steps.enumerated() {
      duel.step(seed: seed ^ UInt64(step + 1) &* 0x9E37_79B9_7F4A_7C15)
      // A difference that is not seen at once does not go away.
      if index % 7 == 6 { duel.compare() }
      if !duel.differences.isEmpty { return duel }
    }
    duel.compare()
    duel.checkLog()
    return duel
  }
}
