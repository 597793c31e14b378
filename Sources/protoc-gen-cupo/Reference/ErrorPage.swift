/// Writes the page of the error catalogue.
enum ErrorPage {
  static func emit(_ reasons: ProtoEnum) -> String {
    var page = Markdown()
    page.heading(1, "Errors")
    page.text(reasons.comment)
    let known = reasons.values.filter { $0.error != nil }
    page.table(
      ["Reason", "Status", "Retry", "What happened"],
      known.map { value in
        let name = Names.valueName(value, of: reasons)
        let entry = value.error ?? ErrorEntry()
        return [
          "[\(name)](#\(name.lowercased()))", status(entry.code), entry.retryable ? "yes" : "no",
          entry.cause,
        ]
      })
    for value in known { emit(value, of: reasons, into: &page) }
    return page.output
  }

  private static func emit(
    _ value: ProtoEnumValue, of reasons: ProtoEnum, into page: inout Markdown
  ) {
    guard let entry = value.error else { return }
    page.heading(2, Names.valueName(value, of: reasons))
    page.text(value.comment)
    page.table(
      ["", ""],
      [
        ["Status", status(entry.code)], ["Cause", entry.cause],
        ["What to do", entry.mitigation], ["Worth a retry", entry.retryable ? "yes" : "no"],
        ["On call", entry.owner], ["English", entry.textEnglish],
        ["Español", entry.textSpanish],
      ])
  }

  /// The names of the gRPC status codes, by number.
  private static let statusNames = [
    "OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND",
    "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED",
    "OUT_OF_RANGE", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED",
  ]

  private static func status(_ code: Int) -> String {
    statusNames.indices.contains(code) ? statusNames[code] : "\(code)"
  }
}
