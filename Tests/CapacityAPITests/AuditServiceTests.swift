import Capacity
import CapacityEngine
import CupoSchema
import Identity
import Protobuf
import RPC
import Testing

/// What a server writes into its audit log, by whose call it is.
@Suite("The audit log of a server")
struct AuditServiceTests {
  private static func entries(_ locked: LockedHouse) async throws -> [AuditRecord] {
    let page = try await locked.house.engine.audit.page(after: [:], limit: 500)
    return try page.entries.map { try AuditSeal.record(of: $0) }
  }

  /// Denials are not waited for by whoever is denied.
  private static func entries(
    _ locked: LockedHouse, atLeast count: Int
  ) async throws -> [AuditRecord] {
    var all: [AuditRecord] = []
    for _ in 0..<200 {
      all = try await entries(locked)
      if all.count >= count { break }
      try await Task.sleep(for: .milliseconds(20))
    }
    return all
  }

  private static func reserve(_ buyer: String) -> ReserveRequest {
    var request = ReserveRequest()
    request.buyerID = buyer
    request.idempotencyKey = "key"
    var line = Line()
    line.productID = "ticket"
    line.quantity = 1
    request.lines = [line]
    return request
  }

  @Test func whatMachinesAndBuyersAreAllowedIsNotInIt() async throws {
    let locked = try await LockedHouse()
    let client = locked.house.client
    for (role, buyer) in [(Role.buyer, "bea"), (.checkout, "dan")] {
      let metadata = locked.metadata(role)
      let reserved = try await client.unary(
        CapacityService.reserve, Self.reserve(buyer), metadata: metadata)
      var get = GetReservationRequest()
      get.name = .reservationID(reserved.reservation?.reservationID ?? "")
      _ = try await client.unary(CapacityService.getReservation, get, metadata: metadata)
      var consume = ConsumeRequest()
      consume.reservationID = reserved.reservation?.reservationID ?? ""
      _ = try await client.unary(CapacityService.consume, consume, metadata: metadata)
    }
    #expect(try await Self.entries(locked).isEmpty)
    await locked.house.close()
  }

  @Test func whatStaffDoesAndReadsIsInIt() async throws {
    let locked = try await LockedHouse()
    let client = locked.house.client
    let reserved = try await client.unary(
      CapacityService.reserve, Self.reserve("bea"), metadata: locked.metadata(.buyer))
    let id = reserved.reservation?.reservationID ?? ""
    var get = GetReservationRequest()
    get.name = .reservationID(id)
    let support = locked.metadata(.support, subject: "sue")
    _ = try await client.unary(CapacityService.getReservation, get, metadata: support)
    var release = ReleaseRequest()
    release.reservationID = id
    release.reason = "called us"
    _ = try await client.unary(CapacityService.release, release, metadata: support)
    var cancel = CancelRequest()
    cancel.reservationID = id
    await #expect(throws: RPCError.self) {
      _ = try await client.unary(CapacityService.cancel, cancel, metadata: support)
    }
    let all = try await Self.entries(locked, atLeast: 3)
    #expect(all.allSatisfy { $0.kind == .staffActed && $0.source.actor == "sue" })
    #expect(all.allSatisfy { $0.subject == id && $0.source.peer.hasPrefix("127.0.0.1") })
    let released = try #require(
      all.first { $0.source.method == CapacityService.release.path })
    #expect(released.reason == "called us" && released.outcome == "OK")
    let cancelled = try #require(all.first { $0.source.method == CapacityService.cancel.path })
    #expect(cancelled.outcome == "NOT_CONSUMED")
    #expect(all.contains { $0.source.method == CapacityService.getReservation.path })
    await locked.house.close()
  }

  @Test func anothersReservationIsADenialAndOneThatIsNotIsNone() async throws {
    let locked = try await LockedHouse()
    let client = locked.house.client
    let reserved = try await client.unary(
      CapacityService.reserve, Self.reserve("bea"), metadata: locked.metadata(.buyer))
    let mallory = locked.metadata(.buyer, subject: "mallory")
    let naming = locked.house.engine.naming
    var ids = [naming.id(of: 4_711), "nonsense", reserved.reservation?.reservationID ?? ""]
    for id in ids {
      var get = GetReservationRequest()
      get.name = .reservationID(id)
      await #expect(throws: RPCError.self) {
        _ = try await client.unary(CapacityService.getReservation, get, metadata: mallory)
      }
    }
    var get = GetReservationRequest()
    get.name = .code(reserved.reservation?.code ?? "")
    await #expect(throws: RPCError.self) {
      _ = try await client.unary(CapacityService.getReservation, get, metadata: mallory)
    }
    let all = try await Self.entries(locked, atLeast: 2)
    #expect(all.map(\.kind) == [.denied, .denied])
    #expect(all.map(\.subject) == [ids.removeLast(), reserved.reservation?.code ?? ""])
    #expect(all.allSatisfy { $0.outcome == "RESERVATION_NOT_FOUND" })
    await locked.house.close()
  }

  @Test func aSellersChangeAndItsDenialAreInIt() async throws {
    let locked = try await LockedHouse()
    var pause = SetPauseRequest()
    pause.target = .resourceID("hall")
    pause.paused = true
    pause.reason = "rain"
    for seller in ["sol", "luna"] {
      var metadata = locked.metadata(.seller, subject: seller, sellers: [seller])
      metadata.append("x-request-id", String(repeating: seller, count: 1_000))
      let request = pause
      _ = try? await locked.house.client.unary(
        InventoryService.setPause, request, metadata: metadata)
    }
    let all = try await Self.entries(locked, atLeast: 2)
    let changed = try #require(all.first { $0.kind == .configurationChanged })
    #expect(changed.source.actor == "sol" && changed.reason == "rain")
    #expect(
      changed.before.contains("\"paused\":false") && changed.after.contains("\"paused\":true"))
    let denied = try #require(all.first { $0.kind == .denied })
    #expect(denied.source.actor == "luna" && denied.outcome == "NOT_OWNER")
    // What callers send along has a limit.
    #expect(all.allSatisfy { $0.source.requestID.utf8.count == 1_024 })
    #expect(all.count == 2)
    await locked.house.close()
  }
}
