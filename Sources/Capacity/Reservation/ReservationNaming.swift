/// Spells the ids and codes of reservations from their numbers, and reads them back.
///
/// Both are keyed permutations of the number: nobody can guess the next one, no two are alike, and no index is needed to
/// find a reservation by either. They hide numbers; they are no secret that grants access.
package struct ReservationNaming: Sendable {
  private let idKeys: [UInt64]
  private let codeKeys: [UInt64]

  /// Numbers from here on have no code: 2^40.
  private static let codeLimit: UInt64 = 1 << 40
  private static let prefix = "rsv_"

  /// - Parameter key: random, the same for the life of the store.
  package init(key: UInt64) {
    idKeys = (1...4).map { ReservationNaming.mix(key &+ $0 &* 0x9E37_79B9_7F4A_7C15) }
    codeKeys = (5...10).map { ReservationNaming.mix(key &+ $0 &* 0x9E37_79B9_7F4A_7C15) }
  }

  /// The opaque id: `rsv_` and 13 characters.
  package func id(of number: UInt64) -> String {
    Self.prefix
      + Base32.spell(permute(number, keys: idKeys, halfBits: 32), digits: 13, Base32.lower)
  }

  /// The number that `id` spells, or nil where it spells none. The reservation need not exist.
  package func number(ofID id: String) -> UInt64? {
    guard id.hasPrefix(Self.prefix) else { return nil }
    let digits = id.utf8.dropFirst(Self.prefix.utf8.count)
    guard digits.count == 13, !digits.contains(where: { $0 >= 0x41 && $0 <= 0x5A }),
      let value = Base32.read(digits)
    else { return nil }
    return permute(value, keys: idKeys.reversed(), halfBits: 32)
  }

  /// The code for people: eight characters without look-alikes, `K7QF-93MX`.
  package func code(of number: UInt64) -> String {
    let value = permute(number % Self.codeLimit, keys: codeKeys, halfBits: 20)
    var text = Base32.spell(value, digits: 8, Base32.upper)
    text.insert("-", at: text.index(text.startIndex, offsetBy: 4))
    return text
  }

  /// The number that `code` spells; case, the hyphen and look-alike letters (O for 0, I or L for 1) do not matter.
  package func number(ofCode code: String) -> UInt64? {
    let digits = code.utf8.filter { $0 != UInt8(ascii: "-") }
    guard digits.count == 8, let value = Base32.read(digits) else { return nil }
    return permute(value, keys: codeKeys.reversed(), halfBits: 20)
  }

  // A Feistel network: its own inverse with the keys reversed, whatever the round function.
  private func permute(_ value: UInt64, keys: [UInt64], halfBits: UInt64) -> UInt64 {
    let mask: UInt64 = (1 << halfBits) - 1
    var left = value >> halfBits & mask
    var right = value & mask
    for key in keys {
      (left, right) = (right, left ^ (Self.mix(right ^ key) & mask))
    }
    return right << halfBits | left
  }

  // The finaliser of SplitMix64.
  private static func mix(_ value: UInt64) -> UInt64 {
    var mixed = value
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}

/// Crockford's base 32: digits and letters without I, L, O and U.
private enum Base32 {
  static let upper = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)
  static let lower = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)

  static func spell(_ value: UInt64, digits: Int, _ alphabet: [UInt8]) -> String {
    var bytes = [UInt8](repeating: alphabet[0], count: digits)
    var rest = value
    for index in bytes.indices.reversed() {
      bytes[index] = alphabet[Int(rest & 31)]
      rest >>= 5
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  static func read(_ bytes: some Collection<UInt8>) -> UInt64? {
    var value: UInt64 = 0
    for byte in bytes {
      guard let digit = digit(byte), value <= UInt64.max >> 5 else { return nil }
      value = value << 5 | UInt64(digit)
    }
    return value
  }

  private static func digit(_ byte: UInt8) -> Int? {
    let upperCased = byte >= 0x61 && byte <= 0x7A ? byte - 0x20 : byte
    switch upperCased {
    case UInt8(ascii: "O"): return 0
    case UInt8(ascii: "I"), UInt8(ascii: "L"): return 1
    default: return upper.firstIndex(of: upperCased)
    }
  }
}
