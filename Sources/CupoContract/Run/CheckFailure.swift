/// What a check expected, and what came instead.
package struct CheckFailure: Error, Hashable, Sendable {
  package var expected: String
  package var got: String
  /// A shell command that sends the same request again, where there is one request to send.
  package var reproduce: String?

  package init(expected: String, got: String, reproduce: String? = nil) {
    self.expected = expected
    self.got = got
    self.reproduce = reproduce
  }
}

/// Goes on if `condition` holds.
func expect(
  _ condition: Bool, _ expected: String, got: @autoclosure () -> String
) throws(CheckFailure) {
  if !condition { throw CheckFailure(expected: expected, got: got()) }
}

/// Goes on if both are equal.
func expectEqual<Value: Equatable>(
  _ what: String, _ got: Value, _ wanted: Value
) throws(CheckFailure) {
  try expect(got == wanted, "\(what): \(wanted)", got: "\(got)")
}
