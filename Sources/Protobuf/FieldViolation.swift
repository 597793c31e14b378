/// One field of a request that breaks a rule of the schema.
package struct FieldViolation: Hashable, Sendable {
  /// The path from the request, in the schema's spelling, as in `lines[2].product_id`.
  package var field: String
  /// What is wrong with it: an English sentence.
  package var description: String

  /// Whether it is a slot that is not spelled as Cupo spells it, which has a reason of its own.
  package var isSlot: Bool

  package init(field: String, description: String, isSlot: Bool = false) {
    self.isSlot = isSlot
    self.field = field
    self.description = description
  }
}
