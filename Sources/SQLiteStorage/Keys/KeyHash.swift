import Capacity

/// Turns idempotency keys into the 64 bits by which they are found: the buyer in the upper half, so that the keys of one
/// buyer lie together, the key itself in the lower. Two keys may share them; the reservation says whose it is.
struct KeyHash {
  // Odd, without a pattern: the first digits of pi.
  private static let factor: UInt64 = 0x243F_6A88_85A3_08D3

  /// The store's own, so that nobody can prepare keys that meet.
  let seed: UInt64

  func hash(of key: IdempotencyKey) -> UInt64 {
    hash(buyer: key.buyerID, key: key.key)
  }

  /// Of the key that the reservation was made under.
  func hash(of reservation: Reservation) -> UInt64 {
    hash(buyer: reservation.buyerID, key: reservation.idempotencyKey)
  }

  private func hash(buyer buyerID: String, key: String) -> UInt64 {
    let buyer = hash(of: buyerID, seed)
    return buyer & 0xFFFF_FFFF_0000_0000 | hash(of: key, buyer) >> 32
  }

  /// Where all keys of a buyer lie.
  func range(ofBuyer id: String) -> ClosedRange<UInt64> {
    let first = hash(of: id, seed) & 0xFFFF_FFFF_0000_0000
    return first...first | 0xFFFF_FFFF
  }

  // Multiply and fold, eight bytes at a time. The length counts too: a text is not its beginning with zeros behind it.
  private func hash(of text: String, _ seed: UInt64) -> UInt64 {
    let utf8 = text.utf8
    let bytes = utf8.span
    var state = KeyHash.mixed(seed ^ UInt64(bytes.count))
    var rest = 0
    while rest + 8 <= bytes.count {
      let word = unsafe bytes.bytes.unsafeLoadUnaligned(fromByteOffset: rest, as: UInt64.self)
      state = KeyHash.mixed(state ^ UInt64(littleEndian: word))
      rest += 8
    }
    var last: UInt64 = 0
    for index in rest..<bytes.count { last |= UInt64(bytes[index]) << ((index - rest) * 8) }
    return KeyHash.mixed(KeyHash.mixed(state ^ last))
  }

  private static func mixed(_ value: UInt64) -> UInt64 {
    let product = (value &+ 0x9E37_79B9_7F4A_7C15).multipliedFullWidth(by: factor)
    return product.high ^ product.low
  }
}
