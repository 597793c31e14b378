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
    let digits = hex(high) + hex(low)
    var text = ""
    for (index, digit) in digits.enumerated() {
      if [8, 12, 16, 20].contains(index) { text.append("-") }
      text.append(digit)
    }
    return text
  }

  private static func hex(_ value: UInt64) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
