/// Names one chain of the audit log. What a lane decides is in the lane's; what no lane decides, denials first of all, is in the
/// one of whoever writes it, so that nobody waits for anybody.
package struct AuditChain: Hashable, Comparable, Sendable {
  /// As in `lane-0` and `system-3`.
  package let name: String

  package init(name: String) {
    self.name = name
  }

  /// Of the only lane.
  package static let lane = AuditChain(name: "lane-0")

  /// Of a writer beside the lanes; one that has a store for itself is number 0.
  package static func system(_ number: Int) -> AuditChain {
    AuditChain(name: "system-\(number)")
  }

  package static func < (left: AuditChain, right: AuditChain) -> Bool {
    left.name.utf8.lexicographicallyPrecedes(right.name.utf8)
  }
}
