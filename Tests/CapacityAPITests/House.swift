import Capacity
import CapacityEngine
import Logging
import MemoryStorage
import RPC
import Synchronization

@testable import CapacityAPI

/// A clock that stands still until it is set. It begins on Tuesday 2026-12-01 at noon, UTC.
final class ManualClock: Sendable {
  private let instant = Mutex(Instant(seconds: 1_796_126_400))

  var now: Instant { instant.withLock { $0 } }

  func advance(_ seconds: Int64) {
    instant.withLock { $0 = $0 + Interval(seconds: seconds) }
  }
}

/// A server on loopback and a client of it.
struct House {
  let clock: ManualClock
  let store: MemoryStore
  let faults = Faults()
  let engine: Engine
  let server: Server
  let client: Client
  let access: Access

  init(
    clock: ManualClock = ManualClock(),
    store: MemoryStore = MemoryStore(identity: StoreIdentity(namingKey: 7)),
    waitingMax: Int = Engine.waitingMax, batchMax: Int = Engine.batchMax,
    limits: CallLimits = CallLimits(),
    retention: EventRetention = EventRetention(),
    watchProgressSeconds: Double = 15, answerBytesMax: Int = AnswerCache.bytesMax,
    identification: any Identification = House.everybodyIsAdmin
  ) async throws {
    self.clock = clock
    self.store = store
    let faults = self.faults
    engine = try await Engine.start(
      logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
      waitingMax: waitingMax, batchMax: batchMax, retention: retention, clock: { clock.now },
      zone: { $0 == "UTC" ? .utc : nil },
      open: { () throws(StorageError) -> any Storage in try MemoryStorage(store, faults: faults) })
    access = Access(identification)
    let services = CapacityAPI.services(
      engine: engine, access: access, tzdataVersion: "test", clock: { clock.now },
      zone: { $0 == "UTC" ? .utc : nil }, limits: limits,
      watchProgressSeconds: watchProgressSeconds,
      answerBytesMax: answerBytesMax)
    server = try await Server.start(ServerConfiguration(), services)
    client = try await Client.connect(host: server.address.host, port: server.address.port)
  }

  func close() async {
    await client.close()
    engine.endSubscriptions()
    await server.drain(within: .seconds(1))
    await engine.stop()
  }

  /// `hall` (stock), `pool` (a quota of 4 for each day), `bus` (10:00 to 12:00), and a product for each.
  func furnish() async throws {
    try await put(Resource(id: "hall", sellerID: "sol", inventory: .stock(total: .units(5))))
    try await put(
      Resource(
        id: "pool", sellerID: "sol",
        inventory: .daily(DailyCapacity(defaultLimit: .units(4)))))
    try await putBus(until: "12:00")
    for (product, resource) in [("ticket", "hall"), ("visit", "pool"), ("seat", "bus")] {
      try await put(
        Product(id: product, sellerID: "sol", draws: [Draw(resourceID: resource)]))
    }
  }

  func putBus(until end: String) async throws {
    guard let start = ClockTime("10:00"), let end = ClockTime(end) else { return }
    try await put(
      Resource(
        id: "bus", sellerID: "sol",
        inventory: .slots([
          Window(
            days: Set(Weekday.allCases), start: start, end: end, slotMinutes: 60, stepMinutes: 60,
            limit: .units(3))
        ])))
  }

  /// `minute`: a slot for each minute of every day.
  func putMinutes() async throws {
    guard let start = ClockTime("00:00"), let end = ClockTime("24:00") else { return }
    try await put(
      Resource(
        id: "minutes", sellerID: "sol",
        inventory: .slots([
          Window(
            days: Set(Weekday.allCases), start: start, end: end, slotMinutes: 1, stepMinutes: 1,
            limit: .units(1))
        ])))
    try await put(
      Product(id: "minute", sellerID: "sol", draws: [Draw(resourceID: "minutes")]))
  }

  /// `turn`: a slot for each ten minutes of every day.
  func putTurns() async throws {
    guard let start = ClockTime("00:00"), let end = ClockTime("24:00") else { return }
    try await put(
      Resource(
        id: "turns", sellerID: "sol",
        inventory: .slots([
          Window(
            days: Set(Weekday.allCases), start: start, end: end, slotMinutes: 10,
            stepMinutes: 10, limit: .units(2))
        ])))
    try await put(
      Product(id: "turn", sellerID: "sol", draws: [Draw(resourceID: "turns")]))
  }

  /// `voucher`: Luna's, of a stock, and its holds can be extended.
  func putVoucher() async throws {
    try await put(Resource(id: "vouchers", sellerID: "luna", inventory: .stock(total: .units(5))))
    var voucher = Product(id: "voucher", sellerID: "luna", draws: [Draw(resourceID: "vouchers")])
    voucher.holds = HoldPolicy(maxExtensions: 5)
    try await put(voucher)
  }

  /// Shuts the hall from tomorrow on.
  func closeHallTomorrow() async throws {
    var hall = Resource(id: "hall", sellerID: "sol", inventory: .stock(total: .units(5)))
    guard let from = CivilDate("2026-12-02") else { return }
    hall.closures = [
      Closure(id: "c", dates: DateRange(from: from, to: .last), reason: .vacation)
    ]
    try await put(hall)
  }

  /// Shuts the visits with a rule, so that `rule` is what a caller is told.
  func putPool(_ window: SaleWindow?, paused: Bool = false) async throws {
    var pool = Resource(
      id: "quota", sellerID: "sol", inventory: .daily(DailyCapacity(defaultLimit: .units(4))))
    pool.saleWindow = window
    pool.paused = paused
    try await put(pool)
    var tour = Product(id: "tour", sellerID: "sol", draws: [Draw(resourceID: "quota")])
    tour.limits = PurchaseLimits(minQuantity: 2, maxQuantity: 3)
    try await put(tour)
  }

  func put(_ resource: Resource) async throws {
    _ = try await engine.execute(
      .putResource(Command.PutResource(resource: resource, zone: .utc, actor: "ana")))
  }

  func put(_ product: Product) async throws {
    _ = try await engine.execute(
      .putProduct(Command.PutProduct(product: product, actor: "ana")))
  }
}
