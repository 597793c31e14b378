/// A field of a message.
struct ProtoField {
  /// What a field holds, as far as Swift types differ; the C structs know the encodings.
  enum Kind: Equatable {
    case bool, int32, uint32, int64, uint64, float, double, string, bytes
    case message(String)
    case enumeration(String)
  }

  var name: String
  var number: Int
  var kind: Kind
  var isRepeated: Bool
  /// The index of the oneof that the field belongs to.
  var oneof: Int?
  var comment: String
  var rule: FieldRule
}
