extension ProtobufAny {
  private static let prefix = "type.googleapis.com/"

  /// Wraps a message with the name of its type. For errors and other rare things: not on the hot
  /// path.
  package init<M: Message>(packing message: M) {
    self.init()
    typeURL = Self.prefix + M.fullName
    value = message.encoded()
  }

  /// The message inside, or nil if it is of another type.
  ///
  /// - Throws: ``DecodingError`` if it says to be of this type and is not.
  package func unpacked<M: Message>(as type: M.Type) throws(DecodingError) -> M? {
    guard
      typeURL.split(separator: "/", omittingEmptySubsequences: false).last.map(String.init)
        == M.fullName
    else { return nil }
    return try M(decoding: value.span)
  }
}
