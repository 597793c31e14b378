internal import ArgumentParser
internal import Capacity
internal import CapacityEngine

/// A kind of audit entry by its name, as in `configuration-changed`.
struct AuditKindArgument: ExpressibleByArgument, Equatable {
  let kind: AuditRecord.Kind

  init?(argument: String) {
    let name = String(argument.uppercased().map { $0 == "-" ? "_" : $0 })
    guard let kind = AuditRecord.Kind(rawValue: name) else { return nil }
    self.kind = kind
  }
}
