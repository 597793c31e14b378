import Capacity
import SeededRandom
import Testing

/// Random catalogues and commands against the slow model: I1 to I7 of SYSTEM.md section 9, and roll-back.
struct PropertyTests {
  static let runs = 60
  static let commandsPerRun = 350

  @Test(arguments: 0..<runs)
  func theLedgerDoesWhatTheModelDoes(_ run: Int) {
    var duel = Duel(seed: Seed.value &+ UInt64(run))
    for step in 0..<PropertyTests.commandsPerRun {
      duel.step()
      guard duel.differences.isEmpty else {
        Issue.record("seed \(Seed.value) run \(run) step \(step): \(duel.differences)")
        return
      }
    }
    duel.checkLog()
    #expect(duel.differences.isEmpty, "seed \(Seed.value) run \(run)")
  }
}
