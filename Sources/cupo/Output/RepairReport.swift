internal import Capacity

/// What `cupo repair` prints.
struct RepairReport {
  var entries: [LedgerRepair.Entry]
  var isDryRun: Bool

  var text: String {
    guard !entries.isEmpty else { return "nothing to repair: all counters are as the log says" }
    let headline =
      isDryRun ? "\(entries.count) to repair; nothing was written" : "\(entries.count) repaired"
    return ([headline] + entries.map { "  \(Self.sentence($0))" }).joined(separator: "\n")
  }

  var json: JSONValue {
    .object([
      .init("dry_run", .bool(isDryRun)),
      .init("repaired", .number("\(entries.count)")),
      .init("entries", .array(entries.map { .string(Self.sentence($0)) })),
    ])
  }

  private static func sentence(_ entry: LedgerRepair.Entry) -> String {
    switch entry {
    case .gap(let gap):
      "\(VerifyReport.events(gap)): noted in the log"
    case .logged(let number):
      "reservation number \(number): its stored state is logged again"
    case .restored(let number):
      "reservation number \(number): stored as its last event left it"
    case .listed(let number):
      "reservation number \(number): listed as what it is"
    case .pool(let pool, let stored, let logged, let balance):
      "pool \(VerifyReport.name(pool)): counter \(VerifyReport.counters(stored)), log "
        + "\(VerifyReport.counters(logged)); both are \(VerifyReport.counters(balance)) now"
    case .lane(let next):
      "the next event is \(next)"
    }
  }
}
