internal import Capacity
internal import CapacityEngine

/// How the audit log is printed.
enum AuditText {
  // MARK: Entries

  static func line(_ entry: AuditEntry, _ record: AuditRecord) -> String {
    let source = record.source
    var parts = [place(entry), time(record.at), record.kind.rawValue.lowercased()]
    let actor = source.actor.isEmpty ? "(unknown)" : source.actor
    parts.append(
      "\(actor)\(source.roles.isEmpty ? "" : " (\(source.roles.joined(separator: " ")))")")
    if !source.peer.isEmpty { parts.append("from \(source.peer)") }
    if !source.method.isEmpty { parts.append(source.method) }
    if !record.subject.isEmpty { parts.append(record.subject) }
    if record.outcome != "OK" { parts.append(record.outcome) }
    if record.count > 0 { parts.append("\(record.count) entries") }
    if !record.reason.isEmpty { parts.append("\"\(record.reason)\"") }
    if !source.requestID.isEmpty { parts.append("[\(source.requestID)]") }
    return printable(parts.joined(separator: "  "))
  }

  static func unreadable(_ entry: AuditEntry) -> String {
    "\(place(entry))  not to be read: see cupo audit verify"
  }

  static func unreadableJSON(_ entry: AuditEntry) -> String { sealed(entry).line }

  static func json(_ entry: AuditEntry, _ record: AuditRecord) -> JSONValue {
    let source = record.source
    return .object([
      .init("chain", .string(entry.chain.name)), .init("sequence", .number("\(entry.sequence)")),
      .init("at", .string(time(record.at))), .init("kind", .string(record.kind.rawValue)),
      .init("actor", .string(source.actor)),
      .init("roles", .array(source.roles.map { .string($0) })),
      .init("peer", .string(source.peer)), .init("method", .string(source.method)),
      .init("subject", .string(record.subject)), .init("reason", .string(record.reason)),
      .init("request_id", .string(source.requestID)), .init("outcome", .string(record.outcome)),
      .init("before", .string(record.before)), .init("after", .string(record.after)),
      .init("count", .number("\(record.count)")), .init("hash", .string(entry.hash.text)),
    ])
  }

  /// With the text that was hashed.
  static func sealed(_ entry: AuditEntry) -> JSONValue {
    .object([
      .init("chain", .string(entry.chain.name)), .init("sequence", .number("\(entry.sequence)")),
      .init("hash", .string(entry.hash.text)),
      .init("body", .string(String(decoding: entry.body, as: UTF8.self))),
    ])
  }

  private static func place(_ entry: AuditEntry) -> String {
    "\(entry.chain.name) \(entry.sequence)"
  }

  private static func time(_ instant: Instant) -> String {
    let nanos = (instant.microseconds - instant.seconds * 1_000_000) * 1_000
    return TimestampText.format(seconds: instant.seconds, nanos: Int(nanos))
  }

  // What callers wrote must not drive the terminal.
  private static func printable(_ text: String) -> String {
    String(String.UnicodeScalarView(text.unicodeScalars.map { isControl($0) ? "\u{FFFD}" : $0 }))
  }

  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator: true
    default: false
    }
  }

  // MARK: Verification

  static func report(_ verification: AuditVerification) -> String {
    var lines = verification.findings.map { finding in
      "\(finding.chain.name): entry \(finding.sequence) \(finding.problem)"
    }
    if lines.isEmpty {
      lines = ["\(verification.entriesCount) entries are as they were written"]
    } else {
      lines.append("\(lines.count) of the chains are not as they were written")
    }
    if !verification.anchors.isEmpty {
      lines.append("to keep elsewhere, for --expect:")
      lines += verification.anchors.map { "  \($0.text)" }
    }
    return printableLines(lines)
  }

  private static func printableLines(_ lines: [String]) -> String {
    lines.map(printable).joined(separator: "\n")
  }

  static func json(_ verification: AuditVerification) -> JSONValue {
    .object([
      .init("entries", .number("\(verification.entriesCount)")),
      .init(
        "findings",
        .array(
          verification.findings.map { finding in
            .object([
              .init("chain", .string(finding.chain.name)),
              .init("sequence", .number("\(finding.sequence)")),
              .init("problem", .string(finding.problem)),
            ])
          })),
      .init("anchors", .array(verification.anchors.map { .string($0.text) })),
    ])
  }
}
