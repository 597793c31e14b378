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
    let value = permute(number, keys: idKeys, halfBits: 32)
    let (prefix, alphabet) = (Self.prefix.utf8, Base32.programs)
    // In place, as the code: each answer has both.
    return unsafe String(unsafeUninitializedCapacity: prefix.count + 13) { text in
      var count = 0
      for byte in prefix {
        unsafe text[count] = byte
        count += 1
      }
      for place in (0..<13).reversed() {
        unsafe text[count] = Base32.digit(of: value, at: place, alphabet)
        count += 1
      }
      return count
    }
  }

  /// The number that `id` spells, or nil where it spells none. The reservation need not exist.
  package func number(ofID id: String) -> UInt64? {
    guard id.hasPrefix(Self.prefix) else { return nil }
    let digits = id.utf8.dropFirst(Self.prefix.utf8.count)
    guard digits.count == 13, let value = Base32.read(digits, Base32.programs) else { return nil }
    return permute(value, keys: idKeys.reversed(), halfBits: 32)
  }

  /// The code for people: eight characters without look-alikes, `K7QF-93MX`.
  package func code(of number: UInt64) -> String {
    let value = permute(number % Self.codeLimit, keys: codeKeys, halfBits: 20)
    let alphabet = Base32.people
    return unsafe String(unsafeUninitializedCapacity: 9) { text in
      for place in 0..<8 {
        unsafe text[place < 4 ? 8 - place : 7 - place] =
          Base32.digit(of: value, at: place, alphabet)
      }
      unsafe text[4] = UInt8(ascii: "-")
      return 9
    }
  }

  /// The number that `code` spells; case and hyphen do not matter.
  package func number(ofCode code: String) -> UInt64? {
    let digits = code.utf8.filter { $0 != UInt8(ascii: "-") }
    let upper = digits.map { $0 >= UInt8(ascii: "a") && $0 <= UInt8(ascii: "z") ? $0 - 0x20 : $0 }
    guard upper.count == 8, let value = Base32.read(upper, Base32.people) else { return nil }
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

/// Numbers to the base 32.
private enum Base32 {
  /// For people: neither 0 nor O, neither 1 nor I.
  static let people = Array("23456789ABCDEFGHJKLMNPQRSTUVWXYZ".utf8)
  /// For programs: Crockford's, in lower case.
  static let programs = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)

  /// The digit at `place`, from 0, the last.
  static func digit(of value: UInt64, at place: Int, _ alphabet: [UInt8]) -> UInt8 {
    alphabet[Int(value >> UInt64(5 * place) & 31)]
  }

  static func read(_ bytes: some Collection<UInt8>, _ alphabet: [UInt8]) -> UInt64? {
    var value: UInt64 = 0
    for byte in bytes {
      guard let digit = alphabet.firstIndex(of: byte), value <= UInt64.max >> 5 else { return nil }
      value = value << 5 | UInt64(digit)
    }
    return value
  }
}
