/// A message type with all that is declared inside it.
struct ProtoMessage {
  var name: String
  /// With package and enclosing types, without a leading dot.
  var fullName: String
  var comment: String
  var fields: [ProtoField] = []
  var oneofs: [ProtoOneof] = []
  var messages: [ProtoMessage] = []
  var enums: [ProtoEnum] = []

  /// This message and those declared inside it, outermost first.
  var withNested: [ProtoMessage] { [self] + messages.flatMap(\.withNested) }

  /// Whether a field is a duration or a timestamp.
  var hasTimes: Bool {
    fields.contains { field in
      field.kind == .message("google.protobuf.Duration")
        || field.kind == .message("google.protobuf.Timestamp")
    }
  }
}

/// A group of fields of which at most one is set.
struct ProtoOneof {
  var name: String
  var comment: String
  var isRequired: Bool
}
