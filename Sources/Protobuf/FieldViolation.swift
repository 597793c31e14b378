/// One field of a request that breaks a rule of the schema.
package struct FieldViolation: Hashable, Sendable {
  /// The path from the request, in the schema's spelling, as in `lines[2].product_id`.
  package var field: String
  /// What is wrong with it: an English sentence.
  package var description: String

  package init(field: String, description: String) {
    self.field = field
    self.description = description
  }
}
