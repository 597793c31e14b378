internal import CupoSchema
internal import Protobuf
package import RPC
internal import RPCSchema

extension Refusal {
  private static let domain = "cupo"

  /// How long a caller should wait before the same call is worth another try; nil: it is not.
  private var retryDelayMilliseconds: Int64? {
    switch reason {
    case .overloaded, .conflictRetry: 100
    case .storageUnavailable, .shuttingDown, .rateLimited: 1000
    default: nil
    }
  }

  /// The gRPC status with its details: exactly one ErrorInfo, and whatever else applies.
  package func status(in language: Language) -> RPCError {
    let entry = reason.entry
    let text = language == .spanish ? entry.textSpanish : entry.textEnglish
    var status = Status()
    status.code = Int32(entry.code)
    status.message = message(entry)
    status.details = [packed(errorInfo)]
    if !fieldViolations.isEmpty { status.details.append(packed(badRequest)) }
    if !preconditions.isEmpty { status.details.append(packed(preconditionFailure)) }
    if let delay = retryDelayMilliseconds { status.details.append(packed(retryInfo(delay))) }
    var localized = LocalizedMessage()
    localized.locale = language.rawValue
    localized.message = text
    status.details.append(packed(localized))
    return RPCError(
      code: StatusCode(rawValue: entry.code) ?? .unknown, message: status.message,
      details: status.encoded())
  }

  private func message(_ entry: ErrorEntry) -> String {
    let particulars =
      fieldViolations.map { "\($0.field): \($0.description)" }
      + preconditions.map { "\($0.subject): \($0.description)" }
    return particulars.isEmpty
      ? entry.textEnglish : "\(entry.textEnglish) \(particulars.prefix(3).joined(separator: " "))"
  }

  private var errorInfo: ErrorInfo {
    var info = ErrorInfo()
    info.reason = reason.name ?? "INTERNAL"
    info.domain = Refusal.domain
    info.metadata = metadata.map { particular in
      var entry = ErrorInfo.MetadataEntry()
      entry.key = particular.key
      entry.value = particular.value
      return entry
    }
    return info
  }

  private var badRequest: BadRequest {
    var detail = BadRequest()
    detail.fieldViolations = fieldViolations.map { problem in
      var violation = BadRequest.FieldViolation()
      violation.field = problem.field
      violation.description = problem.description
      return violation
    }
    return detail
  }

  private var preconditionFailure: PreconditionFailure {
    var detail = PreconditionFailure()
    detail.violations = preconditions.map { precondition in
      var violation = PreconditionFailure.Violation()
      violation.type = precondition.type
      violation.subject = precondition.subject
      violation.description = precondition.description
      return violation
    }
    return detail
  }

  private func retryInfo(_ milliseconds: Int64) -> RetryInfo {
    var detail = RetryInfo()
    detail.retryDelay = ProtobufDuration(
      seconds: milliseconds / 1000, nanos: Int32(milliseconds % 1000) * 1_000_000)
    return detail
  }

  private func packed<Detail: Message>(_ detail: Detail) -> ProtobufAny {
    var any = ProtobufAny()
    any.typeURL = "type.googleapis.com/\(Detail.fullName)"
    any.value = detail.encoded()
    return any
  }
}
