/// What one step of forgetting closed reservations has met.
package struct ForgottenPage: Equatable, Sendable {
  /// The last number that was looked at; nil: none was left, or those that are left are too young.
  package var last: UInt64?
  /// The lowest number that was looked at and stays.
  package var firstKept: UInt64?
  /// How many went.
  package var count: Int

  package init(last: UInt64? = nil, firstKept: UInt64? = nil, count: Int = 0) {
    (self.last, self.firstKept, self.count) = (last, firstKept, count)
  }
}
