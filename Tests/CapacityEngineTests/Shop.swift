import Capacity
import CapacityEngine
import Logging
import MemoryStorage
import Synchronization

/// A clock that stands still until it is set.
final class ManualClock: Sendable {
  private let instant = Mutex(Instant(seconds: 1_800_000_000))

  var now: Instant { instant.withLock { $0 } }

  func advance(_ seconds: Int64) {
    advance(milliseconds: seconds * 1_000)
  }

  func advance(milliseconds: Int64) {
    instant.withLock { $0 = $0 + Interval(microseconds: milliseconds * 1_000) }
  }
}

/// An engine on a store in memory: a hall with some seats, and one product for them.
struct Shop {
  let clock: ManualClock
  let store: MemoryStore
  let faults: Faults
  let engine: Engine

  init(
    clock: ManualClock = ManualClock(),
    store: MemoryStore = MemoryStore(identity: StoreIdentity(namingKey: 7)),
    faults: Faults = Faults(), waitingMax: Int = Engine.waitingMax, batchMax: Int = Engine.batchMax,
    retention: EventRetention = EventRetention()
  ) async throws {
    self.clock = clock
    self.store = store
    self.faults = faults
    engine = try await Engine.start(
      logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
      waitingMax: waitingMax, batchMax: batchMax, retention: retention, clock: { clock.now },
      zone: { $0 == "UTC" ? .utc : nil },
      open: { () throws(StorageError) -> any Storage in try MemoryStorage(store, faults: faults) })
  }

  static let pool = PoolKey(resourceID: "hall", ordinal: 0)

  func open(_ units: Int64) async throws {
    _ = try await engine.execute(Shop.hall(units))
    _ = try await engine.execute(Shop.ticket)
  }

  func pool() async throws -> Pool? {
    try await engine.read([Shop.pool]).views[Shop.pool]?.pool
  }

  static func hall(_ units: Int64) -> Command {
    .putResource(
      Command.PutResource(
        resource: Resource(id: "hall", sellerID: "sol", inventory: .stock(total: .units(units))),
        zone: .utc, actor: "ana"))
  }

  static let ticket = Command.putProduct(
    Command.PutProduct(
      product: Product(id: "ticket", sellerID: "sol", draws: [Draw(resourceID: "hall")]),
      actor: "ana"))

  /// The same product, of which a buyer may hold so much.
  static func limitedTicket(_ heldMax: Int64) -> Product {
    var product = Product(id: "ticket", sellerID: "sol", draws: [Draw(resourceID: "hall")])
    product.limits.maxHeldPerBuyer = heldMax
    return product
  }

  static func reserve(_ key: String, _ quantity: Int64 = 1, ttl: Int64 = 60) -> Command {
    .reserve(
      Command.Reserve(
        key: IdempotencyKey(buyerID: "bea", key: key),
        lines: [Command.RequestedLine(productID: "ticket", slot: "", quantity: quantity)],
        ttl: Interval(seconds: ttl), reference: "", actor: "bea"))
  }

  static func adjust(_ requestID: String, _ delta: Int64) -> Command {
    .adjustStock(
      Command.AdjustStock(resourceID: "hall", delta: delta, requestID: requestID, actor: "ana"))
  }

  static func consume(_ number: UInt64) -> Command {
    .consume(Command.Resolve(number: number, scope: .anyone, actor: "bea"))
  }

  static func release(_ number: UInt64) -> Command {
    .release(Command.Resolve(number: number, scope: .anyone, actor: "bea"))
  }
}

extension Outcome {
  var reservation: Reservation? {
    switch self {
    case .reserved(let reservation, _), .consumed(let reservation, _),
      .released(let reservation, _):
      reservation
    default: nil
    }
  }
}
