import CupoContract
import CupoSchema
import Protobuf
import RPC
import RPCSchema
import Testing

/// The runner against servers that are wrong on purpose.
@Suite struct RunnerTests {
  @Test func aServerThatAgreesToEverythingFails() async throws {
    try await LyingServer.run(.emptySuccess) { target in
      let report = try await ContractSuite.run(target)
      #expect(report.exitCode == 1)
      #expect(!report.failures.isEmpty)
      // No violating request may be taken for good.
      let rules = report.results.filter { $0.name.hasPrefix("rule") }
      #expect(!rules.isEmpty)
      #expect(rules.filter(\.passed).map(\.name) == [])
      for name in ["holds the units of a stock", "key: a refusal leaves no trace"] {
        #expect(report.failures.contains { $0.name == name })
      }
      #expect(report.notImplemented.contains("CapacityService.Release"))
      #expect(report.text().contains("not checked"))
    }
  }

  @Test func anErrorWithoutDetailsFails() async throws {
    let plain = RPCError(code: .invalidArgument, message: "no")
    try await LyingServer.run(.error(plain)) { target in
      let report = try await ContractSuite.run(target, filter: "GetReservation rule")
      #expect(!report.results.isEmpty)
      #expect(report.failures.count == report.results.count)
    }
  }

  @Test func theRightErrorPasses() async throws {
    try await LyingServer.run(.rules { _ in }) { target in
      let report = try await ContractSuite.run(target, filter: "GetReservation rule")
      #expect(!report.results.isEmpty)
      #expect(report.passed, "\(report.text())")
      #expect(report.exitCode == 0)
    }
  }

  /// Ways in which an error may differ from the shape of every error.
  enum Damage: CaseIterable {
    case wrongCode, noMessage, noInfo, twoInfos, wrongDomain, unknownReason, wrongReason
    case noViolation, otherField, emptyDescription, unreadable, stackTrace
    case noText, twoTexts, emptyText, twoLists, retryInfo

    @Sendable func apply(_ status: inout Status) {
      switch self {
      case .wrongCode: status.code = 9
      case .noMessage: status.message = ""
      case .noInfo: status.details.removeFirst()
      case .twoInfos: status.details.append(status.details[0])
      case .wrongDomain: changeInfo(&status) { $0.domain = "googleapis.com" }
      case .unknownReason: changeInfo(&status) { $0.reason = "BAD_LUCK" }
      case .wrongReason: changeInfo(&status) { $0.reason = "SOLD_OUT" }
      case .noViolation: status.details.remove(at: 1)
      case .noText: status.details.removeLast()
      case .twoTexts: status.details.append(status.details[2])
      case .emptyText: status.details[2] = LyingServer.packed(LocalizedMessage())
      case .twoLists: status.details.append(status.details[1])
      case .retryInfo:
        var retry = RetryInfo()
        retry.retryDelay = ProtobufDuration(seconds: 1)
        status.details.append(LyingServer.packed(retry))
      case .otherField: changeViolation(&status) { $0.field = "other" }
      case .emptyDescription: changeViolation(&status) { $0.description = "" }
      case .unreadable: status.details[0].value = [0x0a, 0xff]
      case .stackTrace: status.message = "Fatal error: Optional(nil) in Ledger.swift:12"
      }
    }

    private func changeInfo(_ status: inout Status, _ change: (inout ErrorInfo) -> Void) {
      let bytes = status.details[0].value
      guard var info = try? ErrorInfo(decoding: bytes.span) else { return }
      change(&info)
      status.details[0] = LyingServer.packed(info)
    }

    private func changeViolation(
      _ status: inout Status, _ change: (inout BadRequest.FieldViolation) -> Void
    ) {
      let bytes = status.details[1].value
      guard var bad = try? BadRequest(decoding: bytes.span) else { return }
      for index in bad.fieldViolations.indices { change(&bad.fieldViolations[index]) }
      status.details[1] = LyingServer.packed(bad)
    }
  }

  @Test(arguments: Damage.allCases)
  func everyDamageToAnErrorFails(_ damage: Damage) async throws {
    try await LyingServer.run(.rules { damage.apply(&$0) }) { target in
      let report = try await ContractSuite.run(target, filter: "GetReservation rule")
      #expect(!report.results.isEmpty)
      #expect(report.results.filter(\.passed).map(\.name) == [])
    }
  }

  @Test func unavailableWithoutRetryInfoFails() async throws {
    var info = ErrorInfo()
    info.reason = "OVERLOADED"
    info.domain = "cupo"
    var status = Status()
    status.code = 14
    status.message = "Too busy."
    status.details = [LyingServer.packed(info)]
    let error = RPCError(code: .unavailable, message: "Too busy.", details: status.encoded())
    try await LyingServer.run(.error(error)) { target in
      let report = try await ContractSuite.run(target, filter: "Reserve holds")
      #expect(report.exitCode == 1)
    }
  }

  @Test func nobodyAtTheAddressIsAnError() async throws {
    await #expect(throws: RPCError.self) {
      _ = try await ContractSuite.run(ContractTarget(host: "127.0.0.1", port: 1))
    }
  }

  @Test func progressTellsEveryResult() async throws {
    try await LyingServer.run(.rules { _ in }) { target in
      var seen: [ContractResult] = []
      let report = try await ContractSuite.run(target, filter: "GetReservation rule") {
        seen.append($0)
      }
      #expect(Set(seen) == Set(report.results))
      #expect(seen.count == report.results.count)
    }
  }

  @Test func aFilterThatMatchesNothingIsNoSuccess() async throws {
    try await LyingServer.run(.rules { _ in }) { target in
      let report = try await ContractSuite.run(target, filter: "no such check")
      #expect(report.results.isEmpty)
      #expect(report.exitCode == 1)
    }
  }

  @Test(arguments: [
    ("127.0.0.1:50051", "127.0.0.1", 50051), ("[::1]:1", "::1", 1),
    ("cupo.test:65535", "cupo.test", 65535),
  ])
  func aTargetIsReadFromText(_ text: String, _ host: String, _ port: Int) throws {
    let target = try #require(ContractTarget(text))
    #expect(target.host == host)
    #expect(target.port == port)
  }

  @Test(arguments: ["", "host", "host:", ":1", "host:0", "host:65536", "::1:5", "host:x"])
  func whatIsNoTargetIsNil(_ text: String) {
    #expect(ContractTarget(text) == nil)
  }
}
