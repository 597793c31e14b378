internal import ArgumentParser
internal import CapacityEngine

/// A place in the audit log whose hash was kept, as `cupo audit verify` prints it.
struct AuditAnchorArgument: ExpressibleByArgument, Equatable {
  let anchor: AuditAnchor

  init?(argument: String) {
    guard let anchor = AuditAnchor(text: argument) else { return nil }
    self.anchor = anchor
  }
}
