internal import Capacity
internal import CupoSchema

/// Which entries of the audit log a reader is shown.
struct AuditFilter: Equatable {
  var kinds: Set<AuditKind> = []
  var actor = ""
  var subject = ""
  var since: Instant?
  var until: Instant?

  init(_ request: ListAuditEntriesRequest) {
    kinds = Set(request.kinds)
    actor = request.actor
    subject = request.subject
    since = request.since.map(Instant.init)
    until = request.until.map(Instant.init)
  }

  init(_ request: WatchAuditEntriesRequest) {
    kinds = Set(request.kinds)
  }

  func shows(_ record: AuditRecord) -> Bool {
    (kinds.isEmpty || kinds.contains(record.kind.message))
      && (actor.isEmpty || actor == record.source.actor)
      && (subject.isEmpty || subject == record.subject)
      && (since.map { record.at >= $0 } ?? true) && (until.map { record.at < $0 } ?? true)
  }

  /// Two filters that show the same have the same name.
  var name: String {
    let numbers = kinds.map(\.rawValue).sorted().map(String.init)
    let times = [since, until].map { $0.map { "\($0.microseconds)" } ?? "" }
    return ([actor, subject] + times + numbers).joined(separator: "\n")
  }
}

extension AuditRecord.Kind {
  var message: AuditKind {
    switch self {
    case .configurationChanged: .configurationChanged
    case .overbookingApproved: .overbookingApproved
    case .staffActed: .staffActed
    case .denied: .denied
    case .repaired: .repaired
    case .notWritten: .notWritten
    }
  }
}
