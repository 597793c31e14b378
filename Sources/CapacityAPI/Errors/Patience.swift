/// How long a caller is told to wait where there are too many. Pure.
enum Patience {
  /// The least and the most.
  private static let (least, most) = (100, 10_000)

  /// Until what waits now will be done. Of few different lengths, so that answers can be kept, and rounded up.
  static func milliseconds(afterWait wait: Duration) -> Int64 {
    let milliseconds = wait / .milliseconds(1)
    var steps = least
    while Double(steps) < milliseconds, steps < most { steps = min(most, steps * 2) }
    return Int64(steps)
  }
}
