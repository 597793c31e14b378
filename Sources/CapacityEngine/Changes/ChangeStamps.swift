import Capacity
import Synchronization

/// When any of some pools last changed, as a position in the log.
package final class ChangeStamp: Sendable {
  private let position = Atomic<UInt64>(0)

  var last: UInt64 { position.load(ordering: .acquiring) }

  func note(_ position: UInt64) {
    self.position.max(position, ordering: .releasing)
  }
}

/// The stamps of a run of pools: what was read there at a position is as it was while none of them is behind it.
package struct RunStamps: Sendable {
  // Of all pools of the resource.
  let whole: ChangeStamp
  // Of the days of the run; none: they are too many.
  let days: [ChangeStamp]

  package func areUnchanged(since position: UInt64) -> Bool {
    if whole.last <= position { return true }
    return !days.isEmpty && days.allSatisfy { $0.last <= position }
  }
}

/// The stamps of all pools, by resource and by day, for readers who wait for nothing and for nobody.
///
/// A fixed number of them: pools that share one look changed when others are, which costs a reading and is never wrong.
struct ChangeStamps: Sendable {
  static let count = 4_096
  /// Days of a run at most that are looked at one by one.
  static let daysMax = 62
  // Ordinals below are days, others seconds; see `PoolKey.ordinal`. Nothing depends on that but how much looks changed.
  private static let daysEnd: Int64 = 10_000_000
  private static let secondsOfDay: Int64 = 86_400

  private let all = (0..<count).map { _ in ChangeStamp() }

  func note(_ pool: PoolKey, _ position: UInt64) {
    let hash = pool.resourceID.hashValue
    stamp(hash, Self.day(pool.ordinal)).note(position)
    stamp(hash).note(position)
  }

  /// Anything may be different.
  func noteAll(_ position: UInt64) {
    for stamp in all { stamp.note(position) }
  }

  func stamps(of run: PoolRun) -> RunStamps {
    let hash = run.resourceID.hashValue
    return RunStamps(
      whole: stamp(hash), days: Self.days(of: run.ordinals).map { stamp(hash, $0) })
  }

  private func stamp(_ hash: Int) -> ChangeStamp {
    all[Int(UInt(bitPattern: hash) % UInt(Self.count))]
  }

  private func stamp(_ hash: Int, _ day: Int64) -> ChangeStamp {
    var hasher = Hasher()
    hasher.combine(hash)
    hasher.combine(day)
    return stamp(hasher.finalize())
  }

  private static func days(of range: ClosedRange<Int64>?) -> [Int64] {
    guard let range, (range.lowerBound < daysEnd) == (range.upperBound < daysEnd) else { return [] }
    let (first, last) = (day(range.lowerBound), day(range.upperBound))
    let (count, overflow) = last.subtractingReportingOverflow(first)
    guard !overflow, count < Int64(daysMax) else { return [] }
    return Array(first...last)
  }

  private static func day(_ ordinal: Int64) -> Int64 {
    ordinal < daysEnd ? ordinal : ordinal / secondsOfDay
  }
}
