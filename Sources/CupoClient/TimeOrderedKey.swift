#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// Makes keys for calls that need one: UUIDs of version 7, which sort by time (RFC 9562, section 5.7).
package enum TimeOrderedKey {
  /// A new key, 36 characters.
  package static func make() -> String {
    var time = timespec()
    _ = unsafe clock_gettime(CLOCK_REALTIME, &time)  // Cannot fail for this clock.
    return make(
      nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec),
      random: UInt64.random(in: 0...UInt64.max))
  }

  /// The key of an instant, in nanoseconds since 1970, and 62 random bits.
  ///
  /// The 12 bits after the milliseconds count parts of one (section 6.2, method 3), so that keys of one millisecond sort too.
  static func make(nanoseconds: Int64, random: UInt64) -> String {
    let milliseconds = UInt64(max(0, nanoseconds / 1_000_000))
    let fraction = UInt64(max(0, nanoseconds % 1_000_000)) * 4_096 / 1_000_000
    let high = milliseconds << 16 | 0x7000 | fraction
    let low = 0x8000_0000_0000_0000 | (random >> 2)
    return unsafe String(unsafeUninitializedCapacity: 36) { text in
      var rest = (high, low)
      for index in (0..<36).reversed() {
        let digit: UInt8
        switch index {
        case 8, 13, 18, 23: digit = UInt8(ascii: "-")
        case 19...: digit = hex(&rest.1)
        default: digit = hex(&rest.0)
        }
        unsafe text.initializeElement(at: index, to: digit)
      }
      return 36
    }
  }

  /// Takes the last digit.
  private static func hex(_ value: inout UInt64) -> UInt8 {
    let digit = UInt8(truncatingIfNeeded: value & 15)
    value >>= 4
    return digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
  }
}
