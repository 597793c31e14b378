internal import Capacity

/// What `cupo verify` prints.
enum VerifyReport {
  static func text(_ audit: LedgerAudit) -> String {
    var looked =
      "\(audit.eventsCount) events, \(audit.poolsCount) pools, \(audit.reservationsCount) reservations"
    let start = audit.checkpoint.sequence
    if start > 0 { looked += ", from the checkpoint behind event \(start)" }
    guard audit.findingsCount > 0 else { return "all counters are as the log says: \(looked)" }
    var lines = ["\(audit.findingsCount) differences in \(looked)"]
    lines += audit.findings.map { "  \(sentence($0))" }
    let more = audit.findingsCount - audit.findings.count
    if more > 0 { lines.append("  and \(more) more") }
    return lines.joined(separator: "\n")
  }

  static func json(_ audit: LedgerAudit) -> JSONValue {
    .object([
      .init("checkpoint", .number("\(audit.checkpoint.sequence)")),
      .init("events", .number("\(audit.eventsCount)")),
      .init("pools", .number("\(audit.poolsCount)")),
      .init("reservations", .number("\(audit.reservationsCount)")),
      .init("differences", .number("\(audit.findingsCount)")),
      .init("findings", .array(audit.findings.map { .string(sentence($0)) })),
    ])
  }

  private static func sentence(_ finding: LedgerAudit.Finding) -> String {
    switch finding {
    case .eventsMissing(let gap): events(gap)
    case .balanceWrong(let sequence, let pool, let recorded, let expected):
      "event \(sequence) leaves pool \(name(pool)) with \(counters(recorded)); "
        + "after the event before it, that is \(counters(expected))"
    case .poolWrong(let pool, let stored, let recomputed):
      "pool \(name(pool)) has \(counters(stored)), the log adds up to \(counters(recomputed))"
    case .holdsWrong(let pool, let counted, let held):
      "reservations hold \(counted) of pool \(name(pool)), which counts \(held)"
    case .reservationWrong(let number):
      "reservation number \(number) is not as its last event left it"
    case .listWrong(let number, true):
      "reservation number \(number) is listed as holding units, and holds none"
    case .listWrong(let number, false):
      "reservation number \(number) holds units and is not listed so: a start would forget it"
    case .laneWrong(let next, let last):
      "the next event would be \(next), the last one is \(last)"
    }
  }

  static func events(_ gap: LogGap) -> String {
    let (first, last) = (gap.after + 1, gap.before - 1)
    return first == last ? "event \(first) is missing" : "events \(first) to \(last) are missing"
  }

  static func name(_ pool: PoolKey) -> String {
    "\(pool.resourceID)/\(pool.ordinal)"
  }

  static func counters(_ pool: Pool) -> String {
    "held \(pool.held), consumed \(pool.consumed), revision \(pool.revision)"
  }
}
