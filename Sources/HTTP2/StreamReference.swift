/// One stream of a session.
///
/// `slot` is small and used again once a stream has closed, so that the owner can keep what belongs to a stream in an
/// array; `id` tells the streams of one slot apart.
package struct StreamReference: Sendable, Hashable {
  /// The index in the session's table, from zero and dense.
  package let slot: Int
  /// The stream identifier (RFC 9113, section 5.1.1).
  package let id: Int32

  package init(slot: Int, id: Int32) {
    self.slot = slot
    self.id = id
  }
}
