/// FNV-1a over parts of unlike lengths: a guard against mistakes, not against malice.
struct Fingerprint {
  private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

  mutating func mix(_ bytes: some Sequence<UInt8>) {
    for byte in bytes { mixByte(byte) }
    // No byte of UTF-8, so that parts cannot run into one another.
    mixByte(0xFF)
  }

  mutating func mix(_ number: UInt64) {
    for shift in stride(from: UInt64(0), to: 64, by: 8) {
      mixByte(UInt8(truncatingIfNeeded: number >> shift))
    }
  }

  private mutating func mixByte(_ byte: UInt8) {
    value = (value ^ UInt64(byte)) &* 0x100_0000_01b3
  }
}
