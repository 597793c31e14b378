/// A hash of everything that happened, the same in every process: FNV-1a over numbers.
struct Digest {
  private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

  mutating func mix(_ number: UInt64) {
    value = (value ^ (number & 0xFFFF_FFFF)) &* 0x100_0000_01b3
    value = (value ^ (number >> 32)) &* 0x100_0000_01b3
  }

  mutating func mix(_ number: Int64) { mix(UInt64(bitPattern: number)) }
  mutating func mix(_ number: Int) { mix(UInt64(bitPattern: Int64(number))) }

  mutating func mix(_ text: String) {
    for byte in text.utf8 { value = (value ^ UInt64(byte)) &* 0x100_0000_01b3 }
  }
}
