internal import CupoClient
internal import CupoSchema
internal import Protobuf
internal import RPC

/// Words a failed call: the text for people first, then what engineers need.
enum ErrorText {
  static func lines(_ error: CupoError, language: String) -> [String] {
    var lines = [error.text(in: language), "  reason: \(reason(error))"]
    for (key, value) in particulars(error) { lines.append("  \(key): \(value)") }
    for violation in error.fieldViolations {
      lines.append("  - \(violation.field): \(violation.description)")
    }
    // One alone says what the first lines have said.
    for each in error.preconditions where error.preconditions.count > 1 {
      lines.append("  - \(each.subject): \(each.type), \(each.description)")
    }
    if let mitigation = error.mitigation { lines.append("  to do: \(mitigation)") }
    if let delay = error.retryAfter { lines.append("  retry after: \(seconds(delay))") }
    return lines
  }

  static func json(_ error: CupoError, language: String) -> JSONValue {
    var members: [JSONValue.Member] = [
      .init("code", .string(codeName(error.code))),
      .init("reason", .string(error.reason.name ?? "")),
      .init("message", .string(error.message)),
      .init("text", .string(error.text(in: language))),
      .init(
        "metadata", .object(particulars(error).map { .init($0.key, .string($0.value)) })),
      .init(
        "field_violations",
        .array(
          error.fieldViolations.map {
            .object([
              .init("field", .string($0.field)), .init("description", .string($0.description)),
            ])
          })),
      .init(
        "preconditions",
        .array(
          error.preconditions.map {
            .object([
              .init("type", .string($0.type)), .init("subject", .string($0.subject)),
              .init("description", .string($0.description)),
            ])
          })),
    ]
    if let mitigation = error.mitigation {
      members.append(.init("mitigation", .string(mitigation)))
    }
    if let delay = error.retryAfter {
      members.append(.init("retry_after", .string(seconds(delay))))
    }
    return .object([.init("error", .object(members))])
  }

  // The reason of the catalogue; without one, the gRPC status is all there is.
  private static func reason(_ error: CupoError) -> String {
    if error.reason == .unspecified { return codeName(error.code) }
    return "\(error.reason) (\(codeName(error.code)))"
  }

  private static func particulars(_ error: CupoError) -> [(key: String, value: String)] {
    error.metadata.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  private static func seconds(_ delay: Duration) -> String {
    let (seconds, attoseconds) = delay.components
    return DurationText.seconds(seconds, nanos: Int(attoseconds / 1_000_000_000))
  }

  /// As gRPC spells its status codes.
  static func codeName(_ code: StatusCode) -> String {
    var name = ""
    for letter in "\(code)" {
      if letter.isUppercase { name.append("_") }
      name.append(contentsOf: letter.uppercased())
    }
    return name
  }
}
