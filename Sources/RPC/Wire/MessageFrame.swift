internal import Gzip
internal import Protobuf

/// Puts the length prefix before messages.
enum MessageFrame {
  /// A message with its prefix.
  static func encode(_ message: some Message) -> [UInt8] {
    around(bytesMax: 155) { message.encode(into: &$0) }
  }

  /// What `write` appends, with its prefix.
  static func around(bytesMax: Int, _ write: (inout [UInt8]) -> Void) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(MessageReader.prefixBytes + bytesMax)
    for _ in 0..<MessageReader.prefixBytes { bytes.append(0) }
    write(&bytes)
    let length = bytes.count - MessageReader.prefixBytes
    for index in 1...4 { bytes[index] = UInt8(truncatingIfNeeded: length >> (32 - 8 * index)) }
    return bytes
  }

  /// The message of `first` and `second`, which have its prefix before them, compressed by gzip.
  static func compress(_ first: [UInt8], _ second: [UInt8]) -> [UInt8] {
    let message = Gzip.compress(Array((first + second)[MessageReader.prefixBytes...]).span)
    return prefix(length: message.count, isCompressed: true) + message
  }

  /// The prefix of a message of `length` bytes.
  static func prefix(length: Int, isCompressed: Bool = false) -> [UInt8] {
    [
      isCompressed ? 1 : 0, UInt8(truncatingIfNeeded: length >> 24),
      UInt8(truncatingIfNeeded: length >> 16),
      UInt8(truncatingIfNeeded: length >> 8), UInt8(truncatingIfNeeded: length),
    ]
  }
}
