internal import CupoSchema
internal import Protobuf
package import RPC
internal import RPCSchema

extension Refusal {
  private static let domain = "cupo"

  // Clients take 8 KiB of trailers unless they are told otherwise (gRPC core), in which the details stand in base64 and the
  // message beside them. An answer that names some violations helps; one that does not arrive does not.
  private static let listedBytesMax = 4 * 1_024
  private static let particularBytesMax = 256
  private static let messageBytesMax = 1_000

  /// The beginning of a text that a caller may have made long.
  private static func short(_ text: String, _ bytesMax: Int = particularBytesMax) -> String {
    guard text.utf8.count > bytesMax else { return text }
    var end = text.utf8.index(text.startIndex, offsetBy: bytesMax)
    // Not in the middle of a letter.
    while end > text.startIndex, text.utf8[end] & 0xc0 == 0x80 {
      end = text.utf8.index(before: end)
    }
    return String(text[..<end])
  }

  /// How long a caller should wait before the same call is worth another try; nil: it is not.
  private var retryDelayMilliseconds: Int64? {
    if let retryMilliseconds { return retryMilliseconds }
    return switch reason {
    case .overloaded, .conflictRetry, .deadlineExceeded: 100
    case .storageUnavailable, .shuttingDown, .rateLimited: 1000
    default: nil
    }
  }

  /// The gRPC status with its details: exactly one ErrorInfo, and whatever else applies.
  package func status(in language: Language) -> RPCError {
    let status = message(in: language)
    return RPCError(
      code: StatusCode(rawValue: reason.entry.code) ?? .unknown, message: status.message,
      details: status.encoded())
  }

  /// The same as a message.
  func message(in language: Language) -> Status {
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
    return status
  }

  private func message(_ entry: ErrorEntry) -> String {
    let particulars =
      fieldViolations.map { "\($0.field): \($0.description)" }
      + preconditions.map { "\($0.subject): \($0.description)" }
    guard !particulars.isEmpty else { return entry.textEnglish }
    return Self.short(
      "\(entry.textEnglish) \(particulars.prefix(3).joined(separator: " "))",
      Self.messageBytesMax)
  }

  private var errorInfo: ErrorInfo {
    var info = ErrorInfo()
    info.reason = reason.name ?? "INTERNAL"
    info.domain = Refusal.domain
    var particulars = metadata
    let leftOut = fieldViolations.count - listedViolations.count
    if leftOut > 0 { particulars.append(.init("violations_left_out", "\(leftOut)")) }
    info.metadata = particulars.map { particular in
      var entry = ErrorInfo.MetadataEntry()
      entry.key = particular.key
      entry.value = Self.short(particular.value)
      return entry
    }
    return info
  }

  /// As many of the violations as there is room for, in their order.
  private var listedViolations: ArraySlice<FieldProblem> {
    var bytes = preconditions.reduce(0) {
      $0 + $1.type.utf8.count + $1.subject.utf8.count + $1.description.utf8.count + 8
    }
    return fieldViolations.prefix { problem in
      bytes += Self.short(problem.field).utf8.count + Self.short(problem.description).utf8.count + 8
      return bytes <= Self.listedBytesMax
    }
  }

  private var badRequest: BadRequest {
    var detail = BadRequest()
    detail.fieldViolations = listedViolations.map { problem in
      var violation = BadRequest.FieldViolation()
      violation.field = Self.short(problem.field)
      violation.description = Self.short(problem.description)
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
