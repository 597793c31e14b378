internal import Capacity

/// What `cupo verify` prints.
enum VerifyReport {
  static func text(_ audit: LedgerAudit) -> String {
    let looked =
      "\(audit.eventsCount) events, \(audit.poolsCount) pools, \(audit.reservationsCount) reservations"
    guard audit.findingsCount > 0 else { return "all counters are as the log says: \(looked)" }
    var lines = ["\(audit.findingsCount) differences in \(looked)"]
    lines += audit.findings.map { "  \(sentence($0))" }
    let more = audit.findingsCount - audit.findings.count
    if more > 0 { lines.append("  and \(more) more") }
    return lines.joined(separator: "\n")
  }

  static func json(_ audit: LedgerAudit) -> JSONValue {
    .object([
      .init("events", .number("\(audit.eventsCount)")),
      .init("pools", .number("\(audit.poolsCount)")),
      .init("reservations", .number("\(audit.reservationsCount)")),
      .init("differences", .number("\(audit.findingsCount)")),
      .init("findings", .array(audit.findings.map { .string(sentence($0)) })),
    ])
  }

  private static func sentence(_ finding: LedgerAudit.Finding) -> String {
    switch finding {
    case .eventMissing(let after, let next):
      "events between \(after) and \(next) are missing"
    case .balanceWrong(let sequence, let pool, let recorded, let recomputed):
      "event \(sequence) leaves pool \(name(pool)) with \(counters(recorded)), "
        + "its movements add up to \(counters(recomputed))"
    case .poolWrong(let pool, let stored, let recomputed):
      "pool \(name(pool)) has \(counters(stored)), the log adds up to \(counters(recomputed))"
    case .holdsWrong(let pool, let counted, let held):
      "reservations hold \(counted) of pool \(name(pool)), which counts \(held)"
    case .reservationWrong(let number):
      "reservation number \(number) is not as its last event left it"
    case .laneWrong(let next, let last):
      "the next event would be \(next), the last one is \(last)"
    }
  }

  private static func name(_ pool: PoolKey) -> String {
    "\(pool.resourceID)/\(pool.ordinal)"
  }

  private static func counters(_ pool: Pool) -> String {
    "held \(pool.held), consumed \(pool.consumed), revision \(pool.revision)"
  }
}
