internal import Capacity
internal import CapacityEngine
internal import CupoSchema

/// Where a reader of the audit log stands: the last entry of each chain that it has been shown or that its filter has passed over,
/// and whose log it is.
struct AuditToken: Equatable {
  private static let version: UInt8 = 1
  /// Chains of one token at most; keeps it under 4,096 bytes.
  static let chainsMax = 128
  private static let nameBytesMax = 20

  var positions: [AuditChain: UInt64]

  init(_ positions: [AuditChain: UInt64] = [:]) {
    self.positions = positions
  }

  /// Nil for bytes that were not given out by the same store for the same filter.
  init?(_ bytes: [UInt8], for filter: String, of store: StoreMark) {
    guard bytes.count >= 10, bytes[0] == Self.version else { return nil }
    positions = [:]
    var rest = bytes[2..<(bytes.count - 8)]
    for _ in 0..<bytes[1] {
      guard let length = rest.popFirst().map(Int.init), rest.count >= length + 8 else { return nil }
      let name = String(decoding: rest.prefix(length), as: UTF8.self)
      rest = rest.dropFirst(length)
      positions[AuditChain(name: name)] = TokenBytes.integer(rest.prefix(8))
      rest = rest.dropFirst(8)
    }
    guard rest.isEmpty, self.bytes(for: filter, of: store) == bytes else { return nil }
  }

  func bytes(for filter: String, of store: StoreMark) -> [UInt8] {
    let known = positions.sorted { $0.key < $1.key }
      .filter { $0.key.name.utf8.count <= Self.nameBytesMax }.prefix(Self.chainsMax)
    var bytes = [Self.version, UInt8(known.count)]
    for (chain, sequence) in known {
      bytes.append(UInt8(chain.name.utf8.count))
      bytes += Array(chain.name.utf8)
      TokenBytes.append(sequence, &bytes)
    }
    var hash = TokenBytes.Hash()
    hash.mix(filter.utf8)
    hash.mix(store.bytes)
    hash.mix(bytes)
    TokenBytes.append(hash.value, &bytes)
    return bytes
  }

  /// As a page token, which is text.
  func text(for filter: String, of store: StoreMark) -> String {
    bytes(for: filter, of: store).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  init?(text: String, for filter: String, of store: StoreMark) {
    let digits = Array(text.utf8)
    guard digits.count.isMultiple(of: 2) else { return nil }
    var bytes: [UInt8] = []
    for index in stride(from: 0, to: digits.count, by: 2) {
      guard
        let byte = UInt8(String(decoding: digits[index..<index + 2], as: UTF8.self), radix: 16)
      else { return nil }
      bytes.append(byte)
    }
    self.init(bytes, for: filter, of: store)
  }
}
