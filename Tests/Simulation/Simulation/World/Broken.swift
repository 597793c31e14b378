/// Something that must never be: the end of a run.
package struct Broken: Error, Equatable, Sendable {
  /// I1 to I12 of SYSTEM, section 9.
  package var invariant: String
  package var text: String

  init(_ invariant: String, _ text: String) {
    (self.invariant, self.text) = (invariant, text)
  }
}
