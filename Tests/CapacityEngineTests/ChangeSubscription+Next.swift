@testable import CapacityEngine

extension ChangeSubscription {
  /// Waits until something has changed, at most for `seconds`, and takes it. Empty: the time is over; nil: the end.
  func next(waitingAtMost seconds: Double) async -> Notice? {
    let end = ContinuousClock.now + .seconds(seconds)
    // The bell may ring for changes that were taken a moment earlier.
    while true {
      guard await wait(atMost: (end - .now) / .seconds(1)) else { return nil }
      let notice = take()
      if !notice.changes.isEmpty || ContinuousClock.now >= end { return notice }
    }
  }
}
