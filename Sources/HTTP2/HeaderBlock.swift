/// Header fields in order, in one flat buffer: a request's headers cost one allocation.
///
/// Each field is `nameBytes` (2 bytes), `valueBytes` (4 bytes), both little endian, the name, the value.
package struct HeaderBlock: Sendable, Equatable {
  private var storage: [UInt8] = []
  /// How many fields there are.
  package private(set) var count = 0
  /// Whether fields are missing because the list was above its limit.
  package internal(set) var isTruncated = false

  private static let prefixBytes = 6

  package init() {}

  /// An empty block with room for `bytes` of names and values.
  package init(reserving bytes: Int) {
    storage.reserveCapacity(bytes)
  }

  /// The size as RFC 9113, section 6.5.2 counts it.
  package var listBytes: Int {
    storage.count + count * (32 - Self.prefixBytes)
  }

  /// Adds a field. `name` is lower case, as HTTP/2 wants it.
  package mutating func append(_ name: Span<UInt8>, _ value: Span<UInt8>) {
    precondition(name.count <= Int(UInt16.max), "a field name is shorter than 64 KiB")
    appendPrefix(nameBytes: name.count, valueBytes: value.count)
    append(name)
    append(value)
    count += 1
  }

  /// Adds a field that was received, if the limits on the whole block allow one more; else marks the block as truncated.
  mutating func append(
    _ name: Span<UInt8>, _ value: Span<UInt8>, bytesMax: Int, fieldsMax: Int
  ) -> Bool {
    guard !isTruncated, listBytes + name.count + value.count + 32 <= bytesMax, count < fieldsMax
    else {
      isTruncated = true
      return false
    }
    append(name, value)
    return true
  }

  /// Adds a field. `name` is lower case, as HTTP/2 wants it.
  package mutating func append(_ name: String, _ value: String) {
    let nameBytes = Array(name.utf8)
    let valueBytes = Array(value.utf8)
    append(nameBytes.span, valueBytes.span)
  }

  /// Adds all fields of `other`.
  package mutating func append(_ other: HeaderBlock) {
    storage.append(contentsOf: other.storage)
    count += other.count
  }

  /// Calls `body` for each field, in order, until it answers false.
  package func visit(_ body: (_ name: Span<UInt8>, _ value: Span<UInt8>) -> Bool) {
    let bytes = storage.span
    var position = 0
    while position < bytes.count {
      let nameBytes = Int(bytes[position]) | Int(bytes[position + 1]) << 8
      let valueBytes =
        Int(bytes[position + 2]) | Int(bytes[position + 3]) << 8
        | Int(bytes[position + 4]) << 16 | Int(bytes[position + 5]) << 24
      let name = position + Self.prefixBytes
      let value = name + nameBytes
      position = value + valueBytes
      guard body(bytes.extracting(name..<value), bytes.extracting(value..<position)) else { return }
    }
  }

  private mutating func appendPrefix(nameBytes: Int, valueBytes: Int) {
    let lengths = (UInt64(nameBytes) | UInt64(UInt32(truncatingIfNeeded: valueBytes)) << 16)
    unsafe withUnsafeBytes(of: lengths.littleEndian) { bytes in
      unsafe storage.append(
        contentsOf: UnsafeRawBufferPointer(rebasing: bytes.prefix(Self.prefixBytes)))
    }
  }

  private mutating func append(_ bytes: Span<UInt8>) {
    unsafe bytes.withUnsafeBufferPointer { unsafe storage.append(contentsOf: $0) }
  }
}
