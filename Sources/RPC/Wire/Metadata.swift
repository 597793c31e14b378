internal import HTTP2

/// Metadata of a call: names in lower case, values in order; a name may come several times.
///
/// Values of names that end in `-bin` are bytes, which go over the wire in base64.
package struct Metadata: Sendable, Equatable {
  /// Received metadata stay as they came and are read when somebody asks: most are never looked at.
  private(set) var block: HeaderBlock

  /// What a sender may put into one call, bytes as RFC 9113, section 6.5.2 counts them.
  package static let bytesMax = 8 * 1_024

  package init() {
    block = HeaderBlock()
  }

  /// The fields of a received header block.
  init(received block: HeaderBlock) {
    self.block = block
  }

  /// How large the metadata are, as RFC 9113, section 6.5.2 counts.
  package var bytes: Int { block.listBytes }

  /// The first value of `name`.
  package subscript(name: String) -> String? {
    values(for: name).first
  }

  /// Shows each value of `name`, in order, as the bytes that came: for those who must not make a text of every call's.
  package func visit(_ name: StaticString, _ body: (Span<UInt8>) -> Void) {
    block.visit { field, value in
      if field.equals(name) { body(value) }
      return true
    }
  }

  /// The first value of `name`, which ends in `-bin`; nil also if it is not base64.
  package subscript(binary name: String) -> [UInt8]? {
    binaryValues(for: name).first
  }

  /// All values of `name`, in order.
  package func values(for name: String) -> [String] {
    var found: [String] = []
    let wanted = Array(name.utf8)
    block.visit { name, value in
      if name.equals(wanted.span) { found.append(String(bytes: value)) }
      return true
    }
    return found
  }

  /// All values of `name`, which ends in `-bin`, in order. What is not base64 is left out.
  ///
  /// A value may be a list, separated by commas (gRPC over HTTP/2, "Custom-Metadata").
  package func binaryValues(for name: String) -> [[UInt8]] {
    values(for: name).flatMap { $0.split(separator: ",") }.compactMap {
      Base64.decode(Array($0.utf8).span)
    }
  }

  /// All names and values but HTTP's own.
  package var fields: [(name: String, value: String)] {
    var all: [(name: String, value: String)] = []
    block.visit { name, value in
      if name.count > 0, name[0] != UInt8(ascii: ":") {
        all.append((String(bytes: name), String(bytes: value)))
      }
      return true
    }
    return all
  }

  /// Adds a value. Bytes outside of printable ASCII are left out, for the wire cannot carry them.
  package mutating func append(_ name: String, _ value: String) {
    let printable = value.utf8.filter { (0x20...0x7e).contains($0) }
    let name = Array(name.lowercased().utf8)
    block.append(name.span, printable.span)
  }

  /// Adds everything that `other` has.
  mutating func append(_ other: Metadata) {
    block.append(other.block)
  }

  /// Adds bytes under a name that ends in `-bin`.
  package mutating func append(binary name: String, _ value: [UInt8]) {
    precondition(name.hasSuffix("-bin"), "the name of binary metadata ends in -bin")
    append(name, Base64.encode(value))
  }
}
