internal import Capacity

/// Random numbers for a generator of load: fast, good enough, and no call of the system for each (SplitMix64).
struct BenchRandom: RandomNumberGenerator {
  private var state = UInt64.random(in: 0...UInt64.max)

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}

/// Idempotency keys, written in place: UUIDs of version 7, in the order of time, or of version 4.
struct BenchKeys {
  static let length = 36

  private let isRandom: Bool
  private let time: () -> Int64
  private var random = BenchRandom()
  // Counts inside a millisecond, so that keys of one millisecond are in order too.
  private var last: (milliseconds: UInt64, count: UInt64) = (0, 0)

  /// - Parameter microseconds: the wall clock.
  init(isRandom: Bool, microseconds: @escaping () -> Int64 = { SystemClock.now().microseconds }) {
    self.isRandom = isRandom
    time = microseconds
  }

  /// Writes a key that no other has into the 36 bytes at `offset`.
  mutating func write(into bytes: inout [UInt8], at offset: Int) {
    var (high, low) = (random.next(), random.next())
    if isRandom {
      high = high & ~0xF000 | 0x4000
    } else {
      let milliseconds = UInt64(time() / 1_000)
      last =
        milliseconds > last.milliseconds ? (milliseconds, 0) : (last.milliseconds, last.count + 1)
      // 12 bits of the count stand before the variant, the rest behind it (RFC 9562, section 6.2).
      high = last.milliseconds << 16 | 0x7000 | (last.count >> 20 & 0xFFF)
      low = (last.count & 0xF_FFFF) << 42 | low & 0x3FF_FFFF_FFFF
    }
    low = low & ~(0b11 << 62) | 0b10 << 62
    var place = offset
    for digit in 0..<32 {
      if digit == 8 || digit == 12 || digit == 16 || digit == 20 {
        bytes[place] = UInt8(ascii: "-")
        place += 1
      }
      let value = digit < 16 ? high >> (60 - 4 * UInt64(digit)) : low >> (124 - 4 * UInt64(digit))
      bytes[place] = Self.digit(UInt8(value & 15))
      place += 1
    }
  }

  private static func digit(_ value: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
  }
}
