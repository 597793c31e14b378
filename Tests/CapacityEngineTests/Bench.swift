import Capacity
import Logging
import MemoryStorage
import Synchronization

@testable import CapacityEngine

/// A lane without a thread: each turn is a batch of the test's making.
final class Bench {
  let clock = ManualClock()
  let faults = Faults()
  let store: MemoryStore
  let hub: ChangeHub
  let lane: Lane
  /// What the lane has said about its store.
  let storageChanges = Notes()

  /// Whether the store was down, each time that it changed.
  final class Notes: Sendable {
    private let content = Mutex<[Bool]>([])
    var all: [Bool] { content.withLock { $0 } }
    func add(_ isDown: Bool) { content.withLock { $0.append(isDown) } }
  }

  convenience init(units: Int64 = 10) throws {
    try self.init(MemoryStore(identity: StoreIdentity(namingKey: 7)))
    _ = turn([Shop.hall(units), Shop.ticket])
  }

  /// Another lane on the store of this one, which is of no use any more.
  func reopened() throws -> Bench {
    lane.close()
    return try Bench(store)
  }

  private init(_ store: MemoryStore) throws {
    self.store = store
    let storage = try MemoryStorage(store, faults: faults)
    let set = try WarmUp.workingSet(of: storage, zone: { _ in .utc })
    hub = ChangeHub(position: set.counters.nextSequence - 1, catalogue: set.catalogue)
    lane = Lane(
      storage: storage, set: set, changes: hub, naming: ReservationNaming(key: 7),
      logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
      clock: { [clock] in clock.now }, zone: { _ in .utc },
      storageChanged: { [storageChanges] isDown in storageChanges.add(isDown) })
  }

  /// Carries out `commands` as one batch.
  func turn(_ commands: [Command]) -> [Result<Outcome, EngineError>] {
    let box = Box<Result<Outcome, EngineError>>(commands.count)
    lane.turn(
      commands.enumerated().map { index, command in
        .command(command) { box.put($0, index) }
      })
    return box.values
  }

  func read() -> Reading? {
    let box = Box<Result<Reading, EngineError>>(1)
    lane.turn([.read(ReadQuery(pools: [Shop.pool])) { box.put($0, 0) }])
    return try? box.values.first?.get()
  }
}

/// Collects answers, each of which must come exactly once.
final class Box<Value: Sendable>: Sendable {
  private let content: Mutex<[Value?]>

  init(_ count: Int) {
    content = Mutex(Array(repeating: nil, count: count))
  }

  var values: [Value] { content.withLock { $0.compactMap { $0 } } }

  func put(_ value: Value, _ index: Int) {
    content.withLock { content in
      precondition(content[index] == nil, "answered twice")
      content[index] = value
    }
  }
}
