/// Counts durations in buckets whose width grows with them: fixed memory, and a stated error.
///
/// After HdrHistogram (https://hdrhistogram.org): below 256 ns each value has a bucket of its own, above that each power of two has
/// 128. So what is read back is never below what was recorded, and above it by less than one part in 128 (0.8 %).
package struct Histogram: Sendable, Equatable {
  private static let precisionBits = 7
  /// Longer durations count as this one, about 73 minutes, in nanoseconds.
  package static let valueMax: UInt64 = (1 << 42) - 1

  private var counts = [UInt64](repeating: 0, count: Histogram.index(of: valueMax) + 1)
  /// How many durations there are.
  package private(set) var count: UInt64 = 0
  /// The longest, exactly; 0 where there is none.
  package private(set) var max: UInt64 = 0

  package init() {}

  /// Adds a duration, in nanoseconds.
  package mutating func record(_ nanoseconds: UInt64) {
    counts[Self.index(of: nanoseconds)] += 1
    count += 1
    max = Swift.max(max, nanoseconds)
  }

  /// Adds all that `other` has.
  package mutating func add(_ other: Histogram) {
    for index in counts.indices { counts[index] += other.counts[index] }
    count += other.count
    max = Swift.max(max, other.max)
  }

  /// The duration that `share` of all took no longer than, in nanoseconds; 0 where there is none.
  package func value(atShare share: Double) -> UInt64 {
    var left = Int64((Double(count) * share).rounded(.up))
    for (index, inBucket) in counts.enumerated() where inBucket > 0 {
      left -= Int64(inBucket)
      if left <= 0 { return min(Self.last(of: index), max) }
    }
    return max
  }

  private static func index(of value: UInt64) -> Int {
    let value = min(value, valueMax)
    let shift = Swift.max(0, 63 - value.leadingZeroBitCount - precisionBits)
    return shift << precisionBits + Int(value >> shift)
  }

  // The longest duration that the bucket counts.
  private static func last(of index: Int) -> UInt64 {
    let shift = Swift.max(0, index >> precisionBits - 1)
    let mantissa = index - shift << precisionBits
    return (UInt64(mantissa) + 1) << shift - 1
  }
}
