/// What a command takes along to the lane, so that the audit log tells of it in the transaction that it changes something in.
///
/// A class, for most commands have none: then it costs them a nil.
package final class AuditNote: Sendable {
  package let source: AuditRecord.Source
  /// The id of what the command is about; empty: what comes of it has one.
  package let subject: String
  package let reason: String
  /// Whether it is told of all that the caller does, and not of changes to definitions alone.
  package let isOfStaff: Bool

  package init(
    _ source: AuditRecord.Source, subject: String, reason: String = "", isOfStaff: Bool
  ) {
    self.source = source
    self.subject = subject
    self.reason = reason
    self.isOfStaff = isOfStaff
  }
}
