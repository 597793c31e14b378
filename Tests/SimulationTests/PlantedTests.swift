import Simulation
import Testing

/// A simulator that finds nothing may be one that cannot: bugs are planted round the product, and each has to be caught.
@Suite struct PlantedTests {
  private static let seedsMax: UInt64 = 60
  private static let steps = 2_500

  @Test(arguments: Planted.allCases)
  func everyPlantedBugIsCaught(_ bug: Planted) throws {
    let found = (1...Self.seedsMax).lazy
      .map { Simulation(seed: $0, steps: Self.steps, planted: bug).run() }
      .first { $0.broken != nil }
    let report = try #require(found, "\(bug) was not caught in \(Self.seedsMax) seeds")
    let broken = try #require(report.broken)
    #expect(bug.invariants.contains(broken.invariant), "\(broken.invariant): \(broken.text)")
    // Without the bug the same run is sound.
    #expect(Simulation(seed: report.seed, steps: report.steps).run().broken == nil)
  }

  @Test func aFailureIsShortened() throws {
    let reports = (1...Self.seedsMax).lazy
      .map { Simulation(seed: $0, steps: 1_000, planted: .doubleRelease).run() }
    let report = try #require(reports.first { $0.broken != nil })
    let simulation = Simulation(seed: report.seed, steps: 1_000, planted: .doubleRelease)
    let broken = try #require(report.broken)
    var shrinker = Shrinker(simulation, broken)
    let short = shrinker.shrink(steps: report.steps)
    #expect(short.count < report.steps)
    #expect(simulation.run(short).broken?.invariant == broken.invariant)
  }
}

extension Planted {
  /// What may be seen to be broken first.
  fileprivate var invariants: Set<String> {
    switch self {
    case .skippedFsync: ["I9"]
    case .staleCache: ["I7", "I9", "I11", "I1", "I2", "I4", "I8"]
    case .earlyExpiry: ["I4"]
    case .lostEvent: ["I8"]
    case .doubleRelease: ["I1"]
    case .forgottenKey: ["I5"]
    case .phantomWrite: ["I1", "I9", "I5"]
    case .halfBatch: ["I9"]
    case .skippedRows: ["I1"]
    case .deafWatcher: ["I8"]
    case .earlyAnswer: ["I9"]
    case .keptBatch: ["I4", "I8", "I9"]
    case .unfollowed: ["I1", "I2", "I3", "I5", "I6", "I8"]
    case .wrongZone: ["I7", "I10", "I8", "I2", "I4", "I6"]
    }
  }
}
