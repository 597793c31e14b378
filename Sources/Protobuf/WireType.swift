package import CProtobufC

/// One message type as protobuf-c knows it.
@safe package struct WireType: Sendable {
  private nonisolated(unsafe) let descriptor: UnsafePointer<ProtobufCMessageDescriptor>

  /// - Parameter initialised: the beginning of a message fresh from protoc-c's init function, which
  /// names the type.
  package init(_ initialised: () -> ProtobufCMessage) {
    guard let descriptor = unsafe initialised().descriptor else {
      preconditionFailure("protoc-c's init function sets the descriptor")
    }
    unsafe self.descriptor = unsafe descriptor
  }

  /// Decodes `bytes` into a C message of this type that lives in `arena`.
  ///
  /// - Throws: ``DecodingError`` for bytes that are no such message or that ask for more memory
  /// than the arena gives.
  package func unpack(
    _ bytes: Span<UInt8>, in arena: WireArena
  ) throws(DecodingError) -> UnsafeRawPointer {
    let message = unsafe bytes.withUnsafeBufferPointer { buffer in
      unsafe protobuf_c_message_unpack(
        descriptor, arena.allocator, buffer.count, buffer.baseAddress)
    }
    guard let message = unsafe message else {
      throw unsafe DecodingError(
        arena.exceeded ? .tooLarge : .malformed, subject: String(cString: descriptor.pointee.name))
    }
    return UnsafeRawPointer(message)
  }
}
