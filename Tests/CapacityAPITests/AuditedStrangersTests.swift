import Capacity
import CupoSchema
import Identity
import Protobuf
import RPC
import Testing

@testable import CapacityAPI

/// Calls that nobody stands behind, in the audit log.
@Suite(.timeLimit(.minutes(5)))
struct AuditedStrangersTests {
  private func denials(
    _ locked: LockedHouse, atLeast count: Int
  ) async throws -> [CupoSchema.AuditEntry] {
    var request = ListAuditEntriesRequest()
    request.kinds = [.denied]
    while true {
      let found = try await locked.house.client.unary(
        AuditService.listAuditEntries, request, metadata: locked.metadata(.admin)
      ).entries
      if found.count >= count { return found }
      try await Task.sleep(for: .milliseconds(5))
    }
  }

  private func ask(_ locked: LockedHouse, _ metadata: Metadata) async throws -> ErrorReason? {
    var request = GetResourceRequest()
    request.resourceID = "hall"
    do throws(RPCError) {
      _ = try await locked.house.client.unary(
        InventoryService.getResource, request, metadata: metadata)
      return nil
    } catch {
      let reason = try Told(error).reason
      return ErrorReason.allCases.first { "\($0)" == reason }
    }
  }

  @Test func eachReasonIsWrittenAndNobodyIsNamed() async throws {
    let locked = try await LockedHouse()
    var broken = Metadata()
    broken.append("authorization", "Bearer x")
    let ways: [(Metadata, ErrorReason)] = [
      (Metadata(), .tokenMissing), (broken, .tokenInvalid),
      // What it says of itself was true once, and is not believed any more.
      (locked.metadata(.admin, subject: "ana", seconds: 0), .tokenExpired),
    ]
    for (number, (metadata, reason)) in ways.enumerated() {
      var metadata = metadata
      metadata.append("x-request-id", "r-\(number)")
      #expect(try await ask(locked, metadata) == reason)
    }
    let found = try await denials(locked, atLeast: ways.count)
    #expect(found.map(\.outcome) == ways.map { "\($0.1)" })
    #expect(found.map(\.requestID) == ["r-0", "r-1", "r-2"])
    for entry in found {
      #expect(entry.actor.isEmpty && entry.roles.isEmpty && entry.subject.isEmpty)
      #expect(entry.method == InventoryService.getResource.path)
      #expect(entry.peer.hasPrefix("127.0.0.1:"))
    }
    await locked.house.close()
  }

  @Test(arguments: [
    "", "two words", "é", String(repeating: "x", count: 65), String(repeating: "\"", count: 4_000),
  ])
  func aStrangersTextIsNoRequestID(_ text: String) async throws {
    let locked = try await LockedHouse()
    var metadata = Metadata()
    metadata.append("x-request-id", text)
    #expect(try await ask(locked, metadata) == .tokenMissing)
    #expect(try await denials(locked, atLeast: 1).map(\.requestID) == [""])
    await locked.house.close()
  }

  @Test func whoIsLetInLeavesNoDenial() async throws {
    let locked = try await LockedHouse()
    #expect(try await ask(locked, locked.metadata(.admin)) == nil)
    #expect(try await ask(locked, Metadata()) == .tokenMissing)
    #expect(try await denials(locked, atLeast: 1).count == 1)
    await locked.house.close()
  }

  @Test func aFloodWithoutATokenLeavesRoomForThoseWhoAreKnown() async throws {
    let locked = try await LockedHouse()
    for _ in 0..<1_100 { #expect(try await ask(locked, Metadata()) == .tokenMissing) }
    #expect(try await ask(locked, locked.metadata(.buyer, .worker)) == .roleNotAllowed)
    var named: [CupoSchema.AuditEntry] = []
    var request = ListAuditEntriesRequest()
    request.actor = "bea"
    request.kinds = [.denied]
    for _ in 0..<1_000 where named.isEmpty {
      try await Task.sleep(for: .milliseconds(5))
      named = try await locked.house.client.unary(
        AuditService.listAuditEntries, request, metadata: locked.metadata(.admin)
      ).entries
    }
    #expect(named.map(\.outcome) == ["ROLE_NOT_ALLOWED"])
    await locked.house.close()
  }
}
