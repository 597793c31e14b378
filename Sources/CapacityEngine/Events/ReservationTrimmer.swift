import Capacity

/// Takes away reservations that were closed long ago, each with its key, a few at a time.
///
/// Numbers grow with time: a pass ends at the first reservation that is too young, and the next one begins at the first that
/// stayed.
final class ReservationTrimmer {
  private let maxAge: Interval
  private let limit: Int
  private let log: any EventLog
  // The last that was looked at.
  private var last: UInt64 = 0
  // The first that stayed in this pass.
  private var firstKept: UInt64?

  init(_ maxAge: Interval, _ log: any EventLog, limit: Int) {
    (self.maxAge, self.log, self.limit) = (maxAge, log, limit)
  }

  /// Does a little.
  /// - Returns: whether there is more to do at once.
  func step(at now: Instant) throws(StorageError) -> Bool {
    let border = Instant(microseconds: now.microseconds - maxAge.microseconds)
    let page = try log.forget(closedBefore: border, after: last, limit: limit)
    firstKept = firstKept ?? page.firstKept
    if let end = page.last {
      last = end
      return true
    }
    last = firstKept.map { $0 - 1 } ?? last
    firstKept = nil
    return false
  }
}
