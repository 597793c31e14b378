import Capacity
import CapacityEngine
import CupoSchema
import Identity
import MemoryStorage
import Protobuf
import RPC
import Testing

@testable import CapacityAPI

/// Every reason of the catalogue is met by a caller: each has a way to it here, over loopback, or stands in the list of those
/// that no call can meet yet, with why.
@Suite(.timeLimit(.minutes(5)))
struct EveryReasonTests {
  /// What later work brings; shorter with each, and never longer.
  static let later: [ErrorReason: String] = [
    .conflictRetry: "stores with several writers: a lane that owns its store meets nobody"
  ]

  @Test func everyReasonHasAWayOrAnExcuse() {
    let ways = Set(WayTo.all.keys)
    let excused = Set(Self.later.keys)
    #expect(ways.isDisjoint(with: excused))
    #expect(ways.union(excused) == Set(ErrorReason.allCases.filter { $0 != .unspecified }))
  }

  @Test(arguments: WayTo.all.keys.sorted { $0.rawValue < $1.rawValue })
  func theReasonIsMet(_ reason: ErrorReason) async throws {
    let way = try #require(WayTo.all[reason])
    let house = try await House()
    try await house.furnish()
    let error = try await told { try await way(house) }
    #expect(error.reason == reason.name)
    #expect(error.code.rawValue == reason.entry.code)
    await house.close()
  }
}

/// How a caller meets each reason: the last call of a way is told it.
enum WayTo {
  typealias Way = @Sendable (House) async throws -> Void

  static let all: [ErrorReason: Way] = questions.merging(rules) { $1 }
    .merging(reservations) { $1 }.merging(catalogue) { $1 }.merging(server) { $1 }
    .merging(identity) { $1 }

  private static let eve = "2026-12-24"
  private static let ten = "2026-12-24T10:00:00+00:00"

  // MARK: What is asked

  private static let questions: [ErrorReason: Way] = [
    .fieldViolation: { _ = try await $0.reserve("ticket", 0) },
    .slotMalformed: { _ = try await $0.reserve("visit", slot: "24/12") },
    .productNotFound: { _ = try await $0.reserve("nothing") },
    .noSlotAtTime: { _ = try await $0.reserve("seat", slot: "2026-12-24T10:30:00+00:00") },
    .reservationNotFound: { _ = try await $0.consume("rsv_0000000000000") },
    .resourceNotFound: { house in
      var request = GetResourceRequest()
      request.resourceID = "nowhere"
      _ = try await house.client.unary(InventoryService.getResource, request)
    },
    .pageTokenInvalid: { _ = try await $0.availability("seat", pageToken: "nonsense") },
    .resumeTokenInvalid: { house in
      var watch = try await house.watch(["ticket"], token: [1, 2, 3])
      try await watch.next()
    },
    .resumeTokenCompacted: { house in
      var watch = try await house.watch(["seat"], from: "2026-12-02", to: "2026-12-02")
      try await watch.snapshot()
      try await house.reserve("seat", slot: "2026-12-02T10:00:00+00:00")
      await house.close()
      // Another store knows nothing of what this one told.
      let next = try await House(
        clock: house.clock, store: MemoryStore(identity: StoreIdentity(namingKey: 8)))
      try await next.furnish()
      var late = try await next.watch(
        ["seat"], from: "2026-12-02", to: "2026-12-02", token: watch.token)
      do {
        try await late.next()
      } catch {
        await next.close()
        throw error
      }
    },
  ]

  // MARK: Rules of a sale

  private static let rules: [ErrorReason: Way] = [
    .slotPast: { _ = try await $0.reserve("visit", slot: "2026-11-30") },
    .paused: { house in
      try await house.putPool(nil, paused: true)
      try await house.reserve("tour", 2, slot: eve)
    },
    .closed: { house in
      try await house.closeHallTomorrow()
      house.clock.advance(86_400)
      try await house.reserve("ticket")
    },
    .notYetOnSale: { try await shut($0, .init(onSaleFrom: $0.clock.now + Interval(seconds: 1))) },
    .saleEnded: { try await shut($0, .init(onSaleUntil: $0.clock.now)) },
    .leadTime: { try await shut($0, .init(leadTime: Interval(seconds: 86_400 * 40))) },
    .cutoffPassed: {
      try await shut($0, .init(cutoffTime: ClockTime("08:00"), cutoffDaysBefore: 23))
    },
    .beyondHorizon: { try await shut($0, .init(horizonDays: 3)) },
    .belowMinQuantity: { house in
      try await house.putPool(nil)
      try await house.reserve("tour", 1, slot: eve)
    },
    .aboveMaxQuantity: { house in
      try await house.putPool(nil)
      try await house.reserve("tour", 4, slot: eve)
    },
    .buyerLimitReached: { house in
      var ticket = Product(id: "ticket", sellerID: "sol", draws: [Draw(resourceID: "hall")])
      ticket.limits = PurchaseLimits(maxHeldPerBuyer: 2)
      try await house.put(ticket)
      try await house.reserve("ticket", 2)
      try await house.reserve("ticket", 1)
    },
    .soldOut: { house in
      _ = try await house.consume(try await held(house, 5))
      try await house.reserve("ticket")
    },
    .insufficientCapacity: { _ = try await $0.reserve("ticket", 6) },
    .heldByOthers: { house in
      try await house.reserve("ticket", 5)
      try await house.reserve("ticket")
    },
  ]

  // MARK: The life of a reservation

  private static let reservations: [ErrorReason: Way] = [
    .idempotencyKeyReused: { house in
      try await house.reserve("ticket", 1, key: "k")
      try await house.reserve("ticket", 2, key: "k")
    },
    .reservationExpired: { house in
      let id = try await held(house)
      house.clock.advance(60)
      _ = try await house.consume(id)
    },
    .alreadyConsumed: { house in
      let id = try await held(house)
      _ = try await house.consume(id)
      _ = try await house.release(id)
    },
    .alreadyReleased: { house in
      let id = try await held(house)
      _ = try await house.release(id)
      _ = try await house.consume(id)
    },
    .alreadyCancelled: { house in
      let id = try await held(house)
      _ = try await house.consume(id)
      try await cancel(house, id)
      _ = try await house.consume(id)
    },
    .notConsumed: { house in try await cancel(house, try await held(house)) },
    .exceedsHeldQuantity: { house in
      _ = try await house.consume(try await held(house), amount: 3, requestID: "a")
    },
    .extensionLimit: { house in
      var request = ExtendRequest()
      request.reservationID = try await held(house)
      request.ttl = ProtobufDuration(seconds: 60)
      request.requestID = "x"
      _ = try await house.client.unary(CapacityService.extend, request)
    },
  ]

  // MARK: Definitions

  private static let catalogue: [ErrorReason: Way] = [
    .versionConflict: { house in
      var get = GetResourceRequest()
      get.resourceID = "hall"
      var put = PutResourceRequest()
      put.resource = try await house.client.unary(InventoryService.getResource, get).resource
      put.expectedVersion = 7
      _ = try await house.client.unary(InventoryService.putResource, put)
    },
    .stockBelowZero: { house in
      var request = AdjustStockRequest()
      request.resourceID = "hall"
      request.delta = -6
      request.requestID = "a"
      _ = try await house.client.unary(InventoryService.adjustStock, request)
    },
  ]

  // MARK: The server

  private static let server: [ErrorReason: Way] = [
    .malformedMessage: { try await raw($0, [0, 0, 0, 0, 2, 0x0a, 0x05]) },
    .messageTooLarge: { try await raw($0, [0, 0xff, 0xff, 0xff, 0xff, 0x0a, 0x01]) },
    .methodUnimplemented: { house in
      try await raw(house, [0, 0, 0, 0, 0], path: "/cupo.capacity.v1.CapacityService/Nothing")
    },
    .deadlineExceeded: { house in
      house.faults.arm(.delay(microseconds: 400_000), at: .commit)
      var request = ReserveRequest()
      request.idempotencyKey = "slow"
      request.lines = [Line()]
      request.lines[0].productID = "ticket"
      request.lines[0].quantity = 1
      request.buyerID = "bea"
      let message = request.encoded()
      try await raw(
        house, [0, 0, 0, 0, UInt8(message.count)] + message, path: CapacityService.reserve.path,
        timeout: "50m")
    },
    .storageUnavailable: { house in
      house.faults.setFull(true)
      try await house.reserve("ticket")
    },
    .shuttingDown: { house in
      await house.engine.stop()
      try await house.reserve("ticket")
    },
    .overloaded: { _ in
      let busy = try await House(waitingMax: 0)
      do {
        _ = try await busy.reserve("ticket")
      } catch {
        await busy.close()
        throw error
      }
    },
    .rateLimited: { _ in
      let rule = RateRules.Rule(
        role: nil, method: nil, limit: RateLimit(calls: 1, seconds: 3_600, burst: 1))
      let strict = try await House(limits: CallLimits(RateRules([rule])))
      try await strict.furnish()
      do {
        for _ in 0..<2 { _ = try await strict.reserve("ticket") }
      } catch {
        await strict.close()
        throw error
      }
    },
    // No call provokes a defect, so this server has one.
    .`internal`: { _ in
      var registry = ServiceRegistry(access: Access(House.everybodyIsAdmin), witness: nil)
      let broken:
        @Sendable (GetResourceRequest, Caller) async throws(Refusal) -> GetResourceResponse =
          { _, _ throws(Refusal) in throw Refusal(.internal) }
      registry.unary(InventoryService.getResource, rules: { _ in [] }, broken)
      let server = try await Server.start(ServerConfiguration(), registry.table)
      let client = try await Client.connect(
        host: server.address.host, port: server.address.port)
      defer {
        Task {
          await client.close()
          await server.drain(within: .seconds(1))
        }
      }
      _ = try await client.unary(InventoryService.getResource, GetResourceRequest())
    },
  ]

  // MARK: Steps

  private static func held(_ house: House, _ quantity: UInt32 = 1) async throws -> String {
    try await house.reserve("ticket", quantity).reservation?.reservationID ?? ""
  }

  private static func cancel(_ house: House, _ id: String) async throws {
    var request = CancelRequest()
    request.reservationID = id
    _ = try await house.client.unary(CapacityService.cancel, request)
  }

  private static func shut(_ house: House, _ window: Capacity.SaleWindow) async throws {
    try await house.putPool(window)
    try await house.reserve("tour", 2, slot: eve)
  }

  private static func raw(
    _ house: House, _ body: [UInt8], path: String = CapacityService.reserve.path,
    timeout: String? = nil
  ) async throws {
    var metadata = Metadata()
    if let timeout { metadata.append("grpc-timeout", timeout) }
    let response = try await house.client.raw(path: path, body: body, metadata: metadata)
    if let error = response.error { throw error }
  }
}
