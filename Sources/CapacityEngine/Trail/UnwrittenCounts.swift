internal import Capacity

/// How many records were not written, and since when.
struct UnwrittenCounts {
  private struct Group: Hashable, Comparable {
    let kind: AuditRecord.Kind
    // Apart from the others: they decide how many they are, and would hide how many of the others there were.
    let isOfStrangers: Bool

    static func < (left: Group, right: Group) -> Bool {
      (left.kind.rawValue, left.isOfStrangers ? 1 : 0)
        < (right.kind.rawValue, right.isOfStrangers ? 1 : 0)
    }
  }

  private struct Number {
    var count: UInt64 = 0
    var since: Instant
  }

  private var numbers: [Group: Number] = [:]

  var isEmpty: Bool { numbers.isEmpty }

  mutating func add(_ record: AuditRecord) {
    let group = Group(kind: record.kind, isOfStrangers: record.isOfStranger)
    numbers[group, default: Number(since: record.at)].count += 1
  }

  /// Takes over what `others` has, which may have begun earlier.
  mutating func add(_ others: UnwrittenCounts) {
    for (group, other) in others.numbers {
      var number = numbers[group] ?? Number(since: other.since)
      number.count += other.count
      number.since = min(number.since, other.since)
      numbers[group] = number
    }
  }

  /// What the log says of it.
  func records(at now: Instant) -> [AuditRecord] {
    numbers.sorted { $0.key < $1.key }.map { group, number in
      AuditRecord(
        .notWritten, at: now, AuditRecord.Source(actor: "cupo", method: ""),
        subject: group.kind.rawValue,
        reason: "too many at once, since \(number.since.seconds) s after 1970",
        outcome: group.isOfStrangers ? AuditTrail.strangersOutcome : "OK", count: number.count)
    }
  }
}

extension AuditTrail {
  /// The outcome of an entry that counts denials of callers whom nobody knows.
  package static let strangersOutcome = "UNAUTHENTICATED"
}

extension AuditRecord {
  /// Whether it tells of a caller whom nobody knows.
  var isOfStranger: Bool { kind == .denied && source.actor.isEmpty }
}
