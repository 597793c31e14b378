/// Collects the violations of one request. Costs nothing until there is one.
package struct Violations {
  /// No answer names more violations than this; a client mends those and asks again.
  package static let max = 128

  /// What was found, in the order of the fields.
  package private(set) var found: [FieldViolation] = []

  package init() {}

  /// How many were found; pass it to ``prefix(from:field:)`` after looking at a part of the
  /// message.
  package var count: Int { found.count }

  /// Notes that a field of the message at hand breaks a rule.
  package mutating func add(_ field: StaticString, _ description: StaticString) {
    append(field.description, description)
  }

  /// Notes that one element of a repeated field breaks a rule.
  package mutating func add(_ field: StaticString, index: Int, _ description: StaticString) {
    append("\(field)[\(index)]", description)
  }

  /// Notes that a slot is not spelled as Cupo spells it.
  package mutating func addSlot(_ field: StaticString, _ description: StaticString) {
    append(field.description, description, isSlot: true)
  }

  /// The same for one element of a repeated field.
  package mutating func addSlot(
    _ field: StaticString, index: Int, _ description: StaticString
  ) {
    append("\(field)[\(index)]", description, isSlot: true)
  }

  /// Puts the field that leads to a part before everything found in that part.
  package mutating func prefix(from mark: Int, field: StaticString) {
    for index in mark..<found.count {
      found[index].field = "\(field).\(found[index].field)"
    }
  }

  /// The same for one element of a repeated field.
  package mutating func prefix(from mark: Int, field: StaticString, index element: Int) {
    for index in mark..<found.count {
      found[index].field = "\(field)[\(element)].\(found[index].field)"
    }
  }

  private mutating func append(
    _ field: String, _ description: StaticString, isSlot: Bool = false
  ) {
    guard found.count < Self.max else { return }
    found.append(
      FieldViolation(field: field, description: description.description, isSlot: isSlot))
  }
}
