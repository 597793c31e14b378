import SeededRandom
import Simulation
import Testing

/// A bounded slice of what `simulate` does at length.
@Suite struct SimulationTests {
  private static let seeds: UInt64 = 50
  private static let steps = 2_500

  @Test func nothingBreaks() {
    var random = SplitMix("simulation")
    let first = random.next() % 1_000_000_000
    var commands = 0
    for seed in first..<first + Self.seeds {
      let report = Simulation(seed: seed, steps: Self.steps).run()
      commands += report.commands
      #expect(
        report.broken == nil,
        "swift run simulate --seed \(seed) --steps \(Self.steps): step \(report.steps)")
    }
    // It is not quiet because nothing happens.
    #expect(commands > 10 * Int(Self.seeds))
  }

  /// What is rare happens all the same: batches are sent ahead, and some come to stand behind others. The seeds are fixed, for of fifty
  /// that are not a few have none of it.
  @Test func whatIsRareHappens() {
    var (sent, moved) = (0, 0)
    for seed in UInt64(1)...8 {
      let report = Simulation(seed: seed, steps: Self.steps, lanes: 3).run()
      sent += report.sent
      moved += report.moved
    }
    #expect(sent > 20)
    #expect(moved > 5)
  }

  /// Runs that once found a bug: a commit that was torn at the start, a clock that was set back under a store that failed, a refusal
  /// from memory alone; and, of the simulator's own, a clock that was set back under a log that could not be read.
  @Test(arguments: [UInt64(101_106), 20_261_121_436, 83, 20_261_123_054, 20_261_124_143])
  func whatBrokeOnceDoesNotAgain(seed: UInt64) {
    #expect(Simulation(seed: seed, steps: 4_500, lanes: 1).run().broken == nil)
  }

  /// The same with several lanes: a number that was new to the node; of watches, what time had done while the store failed; a refusal
  /// in no lane at all, under a clock that was set back; and, of the simulator's own, a decision heard of with one's own commit.
  @Test(arguments: [
    (UInt64(20_261_122_338), 4), (20_261_123_392, 2), (52_000_526, 2), (931_089_842, 4),
  ])
  func whatBrokeInLanesDoesNotAgain(seed: UInt64, lanes: Int) {
    #expect(Simulation(seed: seed, steps: 5_000, lanes: lanes).run().broken == nil)
  }

  @Test func theSameSeedIsTheSameRun() {
    let simulation = Simulation(seed: 77, steps: 2_000)
    let (first, second) = (simulation.run(), simulation.run())
    #expect(first.digest == second.digest)
    #expect(first.commands == second.commands)
    #expect(Simulation(seed: 78, steps: 2_000).run().digest != first.digest)
  }

  @Test func anotherProcessRunsTheSame() throws {
    let arguments = ["--seed", "77", "--seeds", "4", "--steps", "2000"]
    let first = try SimulateProcess.lines(arguments)
    let second = try SimulateProcess.lines(arguments)
    #expect(first.count == 4)
    #expect(first == second)
    let own = Simulation(seed: 77, steps: 2_000).run()
    let digest = String(own.digest, radix: 16)
    #expect(first[0].hasSuffix(digest), "\(first[0]) is not \(digest)")
  }
}
