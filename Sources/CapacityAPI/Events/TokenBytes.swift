internal import Capacity
internal import CapacityEngine

/// How resume tokens write numbers, and guard against mistakes: a token opens no door, so it needs no secret.
enum TokenBytes {
  /// FNV-1a, http://www.isthe.com/chongo/tech/comp/fnv/.
  struct Hash {
    private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

    /// Parts are told apart, so that "ab", "c" differs from "a", "bc".
    mutating func mix(_ part: some Sequence<UInt8>) {
      for byte in part { value = (value ^ UInt64(byte)) &* 0x100_0000_01b3 }
      value = (value ^ 0xFF) &* 0x100_0000_01b3
    }
  }

  static func append(_ value: UInt64, count: Int = 8, _ bytes: inout [UInt8]) {
    for shift in stride(from: (count - 1) * 8, through: 0, by: -8) {
      bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(shift)))
    }
  }

  static func integer(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    bytes.reduce(0) { $0 << 8 | UInt64($1) }
  }
}

/// Tells the tokens of one store from those of another: a position means nothing elsewhere.
struct StoreMark: Equatable {
  let bytes: [UInt8]

  init(_ engine: Engine) {
    // How the store spells a reservation that never is.
    bytes = Array(engine.naming.id(of: 0).utf8)
  }
}
