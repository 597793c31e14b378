internal import CupoSchema
internal import Protobuf
internal import RPC
internal import RPCSchema

/// What every error of Cupo has in common, whatever went wrong.
enum ErrorShape {
  /// Reasons that any RPC may answer with (`MethodContract.errors` in contract.proto).
  static let shared: Set<ErrorReason> = [
    .fieldViolation, .malformedMessage, .messageTooLarge, .rateLimited, .tokenMissing,
    .tokenInvalid, .tokenExpired, .roleNotAllowed, .overloaded, .storageUnavailable, .shuttingDown,
    .deadlineExceeded, .methodUnimplemented, .internal,
  ]

  /// What a person or program outside must never read.
  private static let insides = [
    "Swift.", "Optional(", "Error(", "RPCError", "Refusal", "CapacityAPI", "CapacityEngine",
    "MemoryStorage", "SQLite", "GRDB", "CupoSchema", "NIOCore", ".swift", "SELECT ", "INSERT ",
    "UPDATE ", "Fatal", "0x0000",
  ]

  /// What clients take as trailers unless they are told otherwise (gRPC core's
  /// `grpc.max_metadata_size`), bytes as RFC 9113, section 6.5.2 counts them.
  private static let trailerBytesMax = 8 * 1_024

  /// Everything in which `answer` differs from the shape; empty if nothing does.
  static func faults(of answer: ErrorAnswer, path: String) -> [String] {
    guard let status = answer.status else { return ["no google.rpc.Status in the details"] }
    var faults: [String] = []
    if Int(status.code) != answer.error.code.rawValue {
      let code = answer.error.code.rawValue
      faults.append("the details' code is \(status.code), grpc-status \(code)")
    }
    if answer.error.message.isEmpty { faults.append("the message is empty") }
    if answer.error.metadata.bytes > trailerBytesMax {
      faults.append("trailers of \(answer.error.metadata.bytes) bytes; clients take 8 KiB")
    }
    faults += answer.unreadable.map { "a detail \($0) cannot be read" }
    faults += infoFaults(answer, path) + detailFaults(answer) + leaks(answer)
    return faults
  }

  private static func infoFaults(_ answer: ErrorAnswer, _ path: String) -> [String] {
    guard answer.infos.count == 1 else { return ["\(answer.infos.count) ErrorInfos, not one"] }
    var faults: [String] = []
    let info = answer.infos[0]
    if info.domain != "cupo" { faults.append("the domain is \"\(info.domain)\"") }
    guard let reason = answer.reason else {
      return faults + ["the reason \"\(info.reason)\" is not in the catalogue"]
    }
    if reason.entry.code != answer.error.code.rawValue {
      faults.append("\(reason) comes with \(answer.error.code), not code \(reason.entry.code)")
    }
    if let contract = MethodContract.of(path: path), !shared.contains(reason),
      !contract.errors.contains(reason)
    {
      faults.append("\(reason) is none of this RPC's errors")
    }
    return faults
  }

  private static func detailFaults(_ answer: ErrorAnswer) -> [String] {
    var faults: [String] = []
    if let reason = answer.reason, reason.entry.retryable {
      let delay = answer.retryInfos.first?.retryDelay
      if answer.retryInfos.count != 1 || delay?.isWellFormed != true || (delay?.seconds ?? -1) < 0 {
        faults.append("\(reason) is worth another try, and has no RetryInfo that says when")
      }
    } else if !answer.retryInfos.isEmpty {
      faults.append("RetryInfo for what is not worth another try")
    }
    if answer.badRequests.count > 1 { faults.append("more than one BadRequest") }
    if answer.preconditions.count > 1 { faults.append("more than one PreconditionFailure") }
    if answer.localized.count != 1 {
      faults.append("\(answer.localized.count) LocalizedMessages, not one")
    }
    if answer.reason == .internal, answer.infos.flatMap(\.metadata).map(\.key) != ["incident"] {
      faults.append("INTERNAL says more or less than its incident")
    }
    let violations = answer.badRequests.flatMap(\.fieldViolations)
    if answer.reason == .fieldViolation, violations.isEmpty {
      faults.append("FIELD_VIOLATION names no field")
    }
    if violations.contains(where: { $0.field.isEmpty || $0.description.isEmpty }) {
      faults.append("a violation without field or description")
    }
    if answer.localized.contains(where: { $0.message.isEmpty || $0.locale.isEmpty }) {
      faults.append("an empty LocalizedMessage")
    }
    return faults
  }

  private static func leaks(_ answer: ErrorAnswer) -> [String] {
    var texts = [answer.error.message, answer.status?.message ?? ""]
    texts += answer.badRequests.flatMap(\.fieldViolations).map(\.description)
    texts += answer.preconditions.flatMap(\.violations).map(\.description)
    texts += answer.localized.map(\.message)
    texts += answer.infos.flatMap(\.metadata).map(\.value)
    return insides.filter { word in texts.contains { $0.contains(word) } }.map {
      "a text shows the server's insides: \"\($0)\""
    }
  }
}
