/// How many calls the connections of a loop may have open, so that the loop keeps up. Pure.
///
/// What waits in sockets is seen by nobody: not by deadlines, not by whoever could turn it away cheaply. A peer that has been
/// told a lower limit keeps its calls to itself instead, and knows their age. So the limit falls while the loop is late for
/// most of the time, and rises again step by step when it is not.
struct CallAllowance: Equatable {
  /// Milliseconds after which a loop that has calls wants to look at its clock again.
  static let tickMilliseconds: Int64 = 10
  /// A tick that comes later than this, milliseconds, was kept waiting by more than a turn should take.
  static let lateMilliseconds: Int64 = 20
  /// What is decided on, milliseconds.
  static let periodMilliseconds: Int64 = 100
  /// No connection is allowed less.
  static let callsMin = 16
  /// Nor are all together: so many keep a loop busy.
  static let loopCallsMin = 256

  /// Calls that one connection may have open.
  private(set) var calls: Int
  private let callsMax: Int
  private var periodStart: Int64?
  private var lateTime: Int64 = 0
  private var latest: Int64 = 0
  // What was decided takes a while to be felt: what is under way still has to be worked off.
  private var settlesAt: Int64 = .min

  /// - Parameter callsMax: what one connection may have open where nothing is late.
  init(callsMax: Int) {
    self.callsMax = callsMax
    calls = callsMax
  }

  var isLowered: Bool { calls < callsMax }

  /// A tick that was due at `due` has come at `now`, both milliseconds of the loop's clock.
  mutating func ticked(due: Int64, at now: Int64, connections: Int) {
    let late = max(0, now - due)
    if late > Self.lateMilliseconds { lateTime += late }
    latest = max(latest, late)
    let start = periodStart ?? now
    if periodStart == nil { periodStart = now }
    guard now - start >= Self.periodMilliseconds else { return }
    decide(now - start, connections, now)
    (periodStart, lateTime, latest) = (now, 0, 0)
  }

  /// The loop has nothing to do: it will not tick until it has.
  mutating func rested() {
    (periodStart, lateTime, latest) = (nil, 0, 0)
  }

  private mutating func decide(_ period: Int64, _ connections: Int, _ now: Int64) {
    if lateTime * 2 > period {
      guard now >= settlesAt else { return }
      settlesAt = now + 2 * latest
      let least = min(callsMax, max(Self.callsMin, Self.loopCallsMin / max(1, connections)))
      let divisor = min(4, max(2, Int(latest / Self.lateMilliseconds)))
      calls = max(least, calls / divisor)
    } else if lateTime * 4 < period {
      calls = min(callsMax, calls + calls / 8 + 1)
    }
  }
}
