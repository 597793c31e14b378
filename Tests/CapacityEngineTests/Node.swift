import Capacity
import Logging
import MemoryStorage

@testable import CapacityEngine

/// One of several nodes on one store, without a thread.
final class Node {
  let faults = Faults()
  let hub: ChangeHub
  let lane: Lane
  let storage: MemoryStorage
  /// Where its own clock stands beside the store's.
  let ownClock: ManualClock
  /// Where it decides ahead.
  let committer: StepCommitter?

  /// - Parameters:
  ///   - storeClock: the one that decides.
  ///   - ownClock: the node's own, which should not matter.
  ///   - decidesAhead: whether it decides a batch while one is being written.
  init(
    _ store: MemoryStore, _ storeClock: ManualClock, ownClock: ManualClock? = nil,
    decidesAhead: Bool = false
  ) throws {
    committer = decidesAhead ? StepCommitter() : nil
    let own = ownClock ?? storeClock
    self.ownClock = own
    storage = try MemoryStorage(sharing: store, faults: faults, clock: { storeClock.now })
    let set = try WarmUp.workingSet(of: storage, zone: { _ in .utc })
    hub = ChangeHub(position: set.counters.nextSequence - 1, catalogue: set.catalogue)
    lane = Lane(
      storage: storage, set: set, changes: hub, naming: ReservationNaming(key: 7),
      logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
      clock: { own.now }, zone: { _ in .utc }, committer: committer)
  }

  /// Has `commands` decided, and answered by `answer` with their place when that is.
  func post(
    _ commands: [Command], moreWaits: Bool = false,
    _ answer: @escaping @Sendable (Int, Result<Outcome, EngineError>) -> Void
  ) {
    lane.turn(
      commands.enumerated().map { index, command in .command(command) { answer(index, $0) } })
    lane.moveOn { moreWaits }
  }

  /// Hears of what others write, as an engine does.
  func listen() {
    let told = lane.shared.told
    storage.onNews { told.note($0) }
  }

  func turn(_ commands: [Command]) -> [Result<Outcome, EngineError>] {
    let box = Box<Result<Outcome, EngineError>>(commands.count)
    lane.turn(
      commands.enumerated().map { index, command in
        .command(command) { box.put($0, index) }
      })
    return box.values
  }

  func turn(_ command: Command) -> Result<Outcome, EngineError>? { turn([command]).first }

  func read() -> Reading? {
    let box = Box<Result<Reading, EngineError>>(1)
    lane.turn([.read(ReadQuery(pools: [Shop.pool])) { box.put($0, 0) }])
    return try? box.values.first?.get()
  }

  func lookUp(_ number: UInt64) -> Result<Reservation?, EngineError>? {
    let box = Box<Result<Reservation?, EngineError>>(1)
    lane.turn([.lookUp(number) { box.put($0, 0) }])
    return box.values.first
  }

  var held: Int64? { read()?.views[Shop.pool]?.pool.held }
}
