/// The sentences of violations, as Swift literals; one place, so that all rules speak alike.
enum RuleSentence {
  static let required = "\"Must not be empty.\""
  static let notZero = "\"Must not be zero.\""
  static let mustBeTrue = "\"Must be true, or not be there at all.\""
  static let notNegative = "\"Must not be negative.\""
  static let missing = "\"Must be set.\""
  static let oneof = "\"Exactly one of its alternatives must be set.\""
  static let knownValue =
    "\"Must be one of the values of the schema, and not the unspecified one.\""
  static let wellFormedDuration = "\"Must be a well-formed duration.\""
  static let wellFormedTimestamp = "\"Must be a well-formed timestamp.\""

  static func requiredWith(_ field: String) -> String { "\"Must be set whenever \(field) is.\"" }
  static func maxLength(_ bytes: Int) -> String { "\"Must be at most \(bytes) bytes long.\"" }
  static func minItems(_ count: Int) -> String {
    "\"Must have at least \(count) \(count == 1 ? "element" : "elements").\""
  }
  static func maxItems(_ count: Int) -> String { "\"Must have at most \(count) elements.\"" }

  static func range(_ atLeast: Int64?, _ atMost: Int64?) -> String {
    switch (atLeast, atMost) {
    case (let low?, let high?): "\"Must be from \(low) to \(high).\""
    case (let low?, nil): "\"Must be at least \(low).\""
    case (nil, let high?): "\"Must be at most \(high).\""
    case (nil, nil): "\"\""
    }
  }

  static func moreThan(_ duration: FieldRule.Duration) -> String {
    "\"Must be more than \(seconds(duration)).\""
  }
  static func atMost(_ duration: FieldRule.Duration) -> String {
    "\"Must be at most \(seconds(duration)).\""
  }

  static func format(_ format: FieldRule.Format) -> String {
    switch format {
    case .none: "\"\""
    case .slot: "\"Must be a slot as Cupo spells it, as in 2026-12-24T10:30:00-05:00.\""
    case .id: "\"Must be printable ASCII without spaces.\""
    case .date: "\"Must be a date, as in 2026-12-24.\""
    case .clockTime: "\"Must be a time of day from 00:00 to 24:00, as in 09:30.\""
    case .timeZone: "\"Must be the name of a time zone, as in America/Bogota.\""
    }
  }

  static func seconds(_ duration: FieldRule.Duration) -> String {
    guard duration.nanos != 0 else { return "\(duration.seconds) s" }
    let nanos = String(duration.nanos)
    let padded = String(repeating: "0", count: 9 - nanos.count) + nanos
    return "\(duration.seconds).\(String(padded.reversed().drop { $0 == "0" }.reversed())) s"
  }
}
