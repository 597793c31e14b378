/// Events that are not in the log any more, though no checkpoint covers them.
package struct LogGap: Hashable, Sendable {
  /// The last event before it.
  package var after: UInt64
  /// The first event behind it.
  package var before: UInt64

  package init(after: UInt64, before: UInt64) {
    self.after = after
    self.before = before
  }
}
