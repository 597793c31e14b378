import Capacity
import CupoSchema
import Identity
import Protobuf
import RPC
import Testing

@testable import CapacityAPI

/// Tokens over loopback: when they count, and when no more.
@Suite(.timeLimit(.minutes(5)))
struct IdentityTests {
  private func get(_ locked: LockedHouse, _ metadata: Metadata) async throws -> Told? {
    var request = GetResourceRequest()
    request.resourceID = "hall"
    do throws(RPCError) {
      _ = try await locked.house.client.unary(
        InventoryService.getResource, request, metadata: metadata)
      return nil
    } catch {
      return try Told(error)
    }
  }

  @Test func expiryCountsAtOnceOnAConnectionThatIsOpen() async throws {
    let locked = try await LockedHouse()
    let metadata = locked.metadata(.admin, seconds: 10)
    #expect(try await get(locked, metadata) == nil)
    locked.house.clock.advance(9)
    #expect(try await get(locked, metadata) == nil)
    locked.house.clock.advance(1)
    #expect(try await get(locked, metadata)?.reason == "TOKEN_EXPIRED")
    await locked.house.close()
  }

  @Test(arguments: [
    "", "Bearer", "Basic YTpi", "bearer x.y", "Bearer a.b.c", "Bearer  ..",
    "Bearer null", "eyJhbGciOiJub25lIn0.e30.", "Bearer eyJhbGciOiJub25lIn0.e30.",
  ])
  func whatIsNoTokenIsTold(_ value: String) async throws {
    let locked = try await LockedHouse()
    var metadata = Metadata()
    metadata.append("authorization", value)
    let told = try await get(locked, metadata)
    #expect(told?.reason == "TOKEN_INVALID")
    #expect(told?.code == .unauthenticated)
    #expect(told?.metadata["problem"] != nil)
    await locked.house.close()
  }

  @Test func twoTokensAreNone() async throws {
    let locked = try await LockedHouse()
    var metadata = locked.metadata(.admin)
    metadata.append("authorization", "Bearer x")
    #expect(try await get(locked, metadata)?.reason == "TOKEN_INVALID")
    await locked.house.close()
  }

  @Test func theSchemeMayBeSpelledInAnyCase() async throws {
    let locked = try await LockedHouse()
    let value = try #require(locked.metadata(.admin)["authorization"])
    var metadata = Metadata()
    metadata.append("authorization", value.replacing("Bearer ", with: "bEARER  "))
    #expect(try await get(locked, metadata) == nil)
    await locked.house.close()
  }

  /// Before its body is read: whoever has no token cannot make the server take one.
  @Test func nobodyIsRefusedBeforeTheRequestIsRead() async throws {
    let locked = try await LockedHouse()
    let answer = try await locked.house.client.raw(
      path: CapacityService.reserve.path, body: [0, 0xff, 0xff, 0xff, 0xff, 1, 2, 3])
    #expect(try answer.error.map { try Told($0).reason } == "TOKEN_MISSING")
    await locked.house.close()
  }

  @Test func aStreamEndsWithItsToken() async throws {
    let locked = try await LockedHouse()
    let access = locked.access
    var request = WatchAvailabilityRequest()
    request.productIDs = ["ticket"]
    var watch = Mirror(
      try await locked.house.client.serverStreaming(
        AvailabilityService.watchAvailability, request,
        metadata: locked.metadata(.buyer, seconds: 10)
      ).makeAsyncIterator())
    try await watch.snapshot()
    access.sweep()
    #expect(access.streams.count == 1)
    locked.house.clock.advance(10)
    access.sweep()
    await #expect(throws: RPCError.self) {
      while try await watch.next() != nil {}
    }
    await locked.house.close()
    #expect(access.streams.count == 0)
  }

  @Test func theAccessTableIsPure() {
    let contract = MethodContract(
      roles: [.buyer, .seller, .admin], ownership: .buyerOrSeller, idempotency: .read, errors: [],
      defaultDeadlineMilliseconds: 1)
    func reach(_ roles: Role..., sellers: Set<String> = []) -> Reach? {
      AccessRule(contract).reach(
        of: Principal(subject: "ana", roles: RoleSet(roles), sellerIDs: sellers))
    }
    #expect(reach() == nil)
    #expect(reach(.search, .worker) == nil)
    #expect(reach(.buyer) == Reach(isUnbound: false, buyerID: "ana", sellerIDs: nil))
    #expect(
      reach(.seller, sellers: ["s"]) == Reach(isUnbound: false, buyerID: nil, sellerIDs: ["s"]))
    #expect(reach(.buyer, .search) == Reach(isUnbound: false, buyerID: "ana", sellerIDs: nil))
    #expect(reach(.admin, .buyer)?.isUnbound == true)
    var unknown = contract
    unknown.ownership = Ownership(rawValue: 99)
    #expect(AccessRule(unknown).reach(of: Principal(subject: "a", roles: RoleSet(.admin))) == nil)
  }

  @Test func whatHasNoRuleIsDenied() {
    let access = Access(House.everybodyIsAdmin)
    let gate = access.gate(of: "/cupo.capacity.v1.CapacityService/Steal", nil)
    var memory = ConnectionMemory()
    let context = CallContext(path: "/cupo.capacity.v1.CapacityService/Steal")
    guard case .failure(let error)? = gate?(context, &memory) else {
      Issue.record("it was let in")
      return
    }
    #expect(error.code == .permissionDenied)
    #expect(access.gate(of: "/grpc.health.v1.Health/Check", nil) == nil)
    #expect(access.gate(of: "/grpc.health.v1.Healthy/Check", nil) != nil)
  }
}
