/// The instants at which an open loop means to send: evenly spread, and none is left out however late the loop is.
struct Pace {
  private let start: UInt64
  private let interval: Double
  private let total: Int
  private var sent = 0

  /// - Parameters:
  ///   - start: when the first call is due, nanoseconds of any clock.
  ///   - end: no call is due then or later.
  init(from start: UInt64, until end: UInt64, perSecond rate: Double) {
    self.start = start
    interval = 1e9 / rate
    total = max(1, Int((Double(end - start) / interval).rounded(.up)))
  }

  /// Whether all have been taken.
  var isDone: Bool { sent == total }

  func isDue(_ now: UInt64) -> Bool { !isDone && due <= now }

  /// When the next call was meant to be sent, if that time has come.
  mutating func next(_ now: UInt64) -> UInt64? {
    guard isDue(now) else { return nil }
    defer { sent += 1 }
    return due
  }

  private var due: UInt64 { start + UInt64(Double(sent) * interval) }
}
