import Capacity
import CapacityEngine
import CupoSchema
import Identity
import Protobuf
import RPC
import RPCSchema
import SeededRandom
import Synchronization
import Testing

@testable import CapacityAPI

/// One shape for every error of the catalogue, whatever it carries (SYSTEM.md section 7).
struct ErrorShapeTests {
  private static let reasons = ErrorReason.allCases.filter { $0 != .unspecified }

  private func details(_ error: RPCError) throws -> [String: [ProtobufAny]] {
    let status = try Status(decoding: error.details.span)
    #expect(status.code == Int32(error.code.rawValue) && status.message == error.message)
    return Dictionary(grouping: status.details) {
      String($0.typeURL.split(separator: ".").last ?? "")
    }
  }

  @Test(arguments: reasons, [Language.english, .spanish])
  func everyReasonHasTheShape(_ reason: ErrorReason, _ language: Language) throws {
    let error = Refusal(reason).status(in: language)
    #expect(error.code.rawValue == reason.entry.code && error.code != .ok)
    let details = try details(error)
    let known: Set = ["ErrorInfo", "RetryInfo", "LocalizedMessage"]
    #expect(Set(details.keys).isSubset(of: known) && details.values.allSatisfy { $0.count == 1 })
    let infoDetail = try #require(details["ErrorInfo"]?.first)
    let info = try ErrorInfo(decoding: infoDetail.value.span)
    #expect(info.reason == reason.name && info.domain == "cupo")
    let textDetail = try #require(details["LocalizedMessage"]?.first)
    let text = try LocalizedMessage(decoding: textDetail.value.span)
    #expect(text.locale == language.rawValue)
    #expect(
      text.message == (language == .spanish ? reason.entry.textSpanish : reason.entry.textEnglish))
    #expect(!text.message.isEmpty)
    // Who is told to try again is told when.
    #expect((details["RetryInfo"] != nil) == reason.entry.retryable)
    if let retry = details["RetryInfo"]?.first {
      let decoded = try RetryInfo(decoding: retry.value.span)
      let delay = try #require(decoded.retryDelay)
      #expect(delay.isWellFormed && (delay.seconds > 0 || delay.nanos > 0) && delay.seconds <= 10)
    }
  }

  @Test func whateverIsInItStaysOneOfEachAndArrives() throws {
    var random = SplitMix("ErrorShapeTests")
    for _ in 0..<500 {
      let reason = Self.reasons.randomElement(using: &random) ?? .internal
      var refusal = Refusal(reason)
      let long = String(repeating: "ñ", count: .random(in: 0...2_000, using: &random))
      for number in 0..<Int.random(in: 0...200, using: &random) {
        refusal.fieldViolations.append(.init(field: "f[\(number)]", description: "no \(long)"))
      }
      for number in 0..<Int.random(in: 0...32, using: &random) {
        refusal.preconditions.append(
          .init(type: reason.name ?? "", subject: "lines[\(number)]", description: "no"))
      }
      refusal.metadata = [.init("value", long)]
      let error = refusal.status(in: Bool.random(using: &random) ? .english : .spanish)
      let details = try details(error)
      #expect(details.values.allSatisfy { $0.count == 1 })
      #expect(details["ErrorInfo"] != nil && details["LocalizedMessage"] != nil)
      #expect((details["BadRequest"] != nil) == !refusal.fieldViolations.isEmpty)
      #expect((details["PreconditionFailure"] != nil) == !refusal.preconditions.isEmpty)
      #expect(error.details.count < 6 * 1_024, "it would be left out of the trailers")
    }
  }

  @Test func waitsAreRoundedUpAndBounded() {
    let rows: [(Int64, Int64)] = [
      (0, 100), (99, 100), (100, 100), (101, 200), (450, 800), (9_000, 10_000), (60_000, 10_000),
    ]
    for (wait, told) in rows {
      #expect(Patience.milliseconds(afterWait: .milliseconds(wait)) == told)
    }
  }

  // MARK: Defects

  private final class Log: Sendable {
    private let state = Mutex<[Incident]>([])
    var all: [Incident] { state.withLock { $0 } }
    func add(_ incident: Incident) { state.withLock { $0.append(incident) } }
  }

  @Test func aDefectIsLoggedOnceAndToldByItsNumberOnly() async throws {
    let log = Log()
    var registry = ServiceRegistry(
      access: Access(House.everybodyIsAdmin), witness: nil, log: { log.add($0) })
    let broken:
      @Sendable (GetResourceRequest, Caller) async throws(Refusal) -> GetResourceResponse =
        { _, _ throws(Refusal) in throw Refusal(.internal, [.init("secret", "buyer-7")]) }
    registry.unary(InventoryService.getResource, rules: { _ in [] }, broken)
    let brokenStream:
      @Sendable (WatchEventsRequest, Caller, ResponseWriter<WatchEventsResponse>)
        async throws(StreamEnd) -> Void = { _, _, _ throws(StreamEnd) in
          throw .refused(Refusal(.internal))
        }
    registry.serverStreaming(EventService.watchEvents, rules: { _ in [] }, brokenStream)
    let server = try await Server.start(ServerConfiguration(), registry.table)
    let client = try await Client.connect(host: server.address.host, port: server.address.port)
    var metadata = Metadata()
    metadata.append("x-request-id", "call-17")
    let error = try await told {
      _ = try await client.unary(
        InventoryService.getResource, GetResourceRequest(), metadata: metadata)
    }
    #expect(error.code == .internal && error.reason == "INTERNAL")
    #expect(Array(error.metadata.keys) == ["incident"])
    let incident = try #require(log.all.first)
    #expect(log.all.count == 1)
    #expect(incident.id == error.metadata["incident"] && incident.id.count == 16)
    #expect(incident.requestID == "call-17" && incident.method == InventoryService.getResource.path)
    #expect(incident.principal != nil && incident.peer.hasPrefix("127.0.0.1:"))
    #expect(incident.origin.contains("ErrorShapeTests.swift:"))
    let second = try await told {
      for try await _ in try await client.serverStreaming(
        EventService.watchEvents, WatchEventsRequest())
      {}
    }
    #expect(second.metadata["incident"] == log.all.last?.id && log.all.count == 2)
    #expect(log.all[0].id != log.all[1].id)
    await client.close()
    await server.drain(within: .seconds(1))
  }
}
