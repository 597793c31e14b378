/// Something that must never be: the end of a run.
package struct Broken: Error, Equatable, Sendable {
  /// I1 to I12 of SYSTEM, section 9.
  package var invariant: String
  package var text: String

  /// The same for failures that are alike: numbers in the text are not looked at.
  var kind: String {
    invariant + text.prefix(40).filter { !$0.isNumber }
  }

  init(_ invariant: String, _ text: String) {
    (self.invariant, self.text) = (invariant, text)
  }
}
