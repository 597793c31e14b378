/// The whole engine on one thread under a virtual clock: engine, core, expiry, log and a simulated store and network, a truth
/// that says what must be, and dice that a seed determines.
///
/// It is no part of the product and not for measuring it. The one thing to know: nothing here may depend on the order of a
/// dictionary, on another clock or on another thread, or a seed means nothing any more.
package struct Simulation: Sendable {
  package let seed: UInt64
  package let steps: Int
  package var planted: Planted?
  /// So many lanes where several nodes share a store; nil: the seed says.
  package var lanes: Int?

  /// How a run ended.
  package struct Report: Sendable {
    package var seed: UInt64
    /// How many steps were done.
    package var steps: Int
    /// Commands that were decided.
    package var commands: Int
    /// Batches that a node decided ahead and sent.
    package var sent = 0
    /// Lanes of the store.
    package var lanes = 1
    /// Batches that came to stand behind others of other lanes.
    package var moved = 0
    /// A hash of everything that happened.
    package var digest: UInt64
    package var broken: Broken?
  }

  package init(seed: UInt64, steps: Int, planted: Planted? = nil, lanes: Int? = nil) {
    (self.seed, self.steps, self.planted, self.lanes) = (seed, steps, planted, lanes)
  }

  /// Does all steps, until one breaks something.
  package func run() -> Report {
    run(0..<steps)
  }

  /// Does only these steps, in this order.
  ///
  /// - Parameter tell: is told what happens.
  package func run(_ list: some Sequence<Int>, tell: ((String) -> Void)? = nil) -> Report {
    var report = Report(seed: seed, steps: 0, commands: 0, digest: 0)
    do throws(Broken) {
      let world = try World(seed: seed, planted: planted, lanes: lanes)
      world.tell = tell
      defer {
        report.digest = world.digest.value
        report.commands = world.commands
        report.sent = world.sentCount
        report.lanes = world.swarm.lanes
        report.moved = world.movedCount
      }
      for index in list {
        report.steps = index + 1
        try world.step(index)
      }
      try world.finish()
    } catch {
      report.broken = error
    }
    return report
  }
}
