/// An enum type.
struct ProtoEnum {
  var name: String
  var fullName: String
  var comment: String
  var values: [ProtoEnumValue]
}

/// One named value of an enum.
struct ProtoEnumValue {
  var name: String
  var number: Int32
  var comment: String
  /// The catalogue entry of an error reason.
  var error: ErrorEntry?
}
