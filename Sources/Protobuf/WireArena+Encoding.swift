package import CProtobufC

// From Swift values to C structs that live in the arena, and from those to the wire.
extension WireArena {
  /// A string's UTF-8 as protobuf-c wants it.
  package func copy(_ string: String) -> ProtobufCBinaryData {
    if string.isEmpty { return unsafe ProtobufCBinaryData(len: 0, data: nil) }
    let copied = unsafe string.utf8.withContiguousStorageIfAvailable { bytes in
      unsafe copy(bytes)
    }
    if let copied = unsafe copied { return unsafe copied }
    return unsafe copy([UInt8](string.utf8))
  }

  /// A bytes field as protobuf-c wants it.
  package func copy(_ bytes: [UInt8]) -> ProtobufCBinaryData {
    unsafe bytes.withUnsafeBufferPointer { bytes in unsafe copy(bytes) }
  }

  /// Hands unknown fields, in wire form, to a message that is about to be packed.
  package func setUnknownFields(_ fields: [UInt8], of message: inout ProtobufCMessage) {
    guard !fields.isEmpty, let (key, start) = Self.leadingVarint(fields) else { return }
    // protobuf-c writes a key and then the value as it is, so that one entry carries all of them.
    let memory = unsafe space(bytes: MemoryLayout<ProtobufCMessageUnknownField>.stride)
    let field = unsafe memory.bindMemory(to: ProtobufCMessageUnknownField.self, capacity: 1)
    let rest = unsafe fields.withUnsafeBufferPointer { bytes in
      unsafe copy(UnsafeBufferPointer(rebasing: bytes[start...]))
    }
    unsafe field.initialize(
      to: ProtobufCMessageUnknownField(
        tag: UInt32(truncatingIfNeeded: key >> 3),
        wire_type: ProtobufCWireType(rawValue: UInt32(key & 7)),
        len: rest.len, data: rest.data))
    unsafe message.n_unknown_fields = 1
    unsafe message.unknown_fields = field
  }

  /// Appends the wire form of a C message to `output`.
  package func pack(_ message: UnsafeRawPointer, into output: inout [UInt8]) {
    let message = unsafe message.assumingMemoryBound(to: ProtobufCMessage.self)
    let size = unsafe protobuf_c_message_get_packed_size(message)
    guard size > 0 else { return }
    let memory = unsafe space(bytes: size).bindMemory(to: UInt8.self, capacity: size)
    let written = unsafe protobuf_c_message_pack(message, memory)
    precondition(written == size, "protobuf-c wrote another size than it announced")
    unsafe output.append(contentsOf: UnsafeBufferPointer(start: memory, count: size))
  }

  private func copy(_ bytes: UnsafeBufferPointer<UInt8>) -> ProtobufCBinaryData {
    guard let start = bytes.baseAddress, !bytes.isEmpty else {
      return unsafe ProtobufCBinaryData(len: 0, data: nil)
    }
    let memory = unsafe space(bytes: bytes.count)
    unsafe memory.copyMemory(from: start, byteCount: bytes.count)
    return unsafe ProtobufCBinaryData(
      len: bytes.count, data: memory.bindMemory(to: UInt8.self, capacity: bytes.count))
  }

  private static func leadingVarint(_ bytes: [UInt8]) -> (value: UInt64, end: Int)? {
    var value: UInt64 = 0
    for (index, byte) in bytes.prefix(5).enumerated() {
      value |= UInt64(byte & 0x7f) << UInt64(7 * index)
      if byte < 0x80 { return (value, index + 1) }
    }
    return nil
  }
}
