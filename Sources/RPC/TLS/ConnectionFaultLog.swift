internal import Logging
internal import Synchronization

/// Says why connections fail before they are connections, at most one line a second: peers must not fill a disk.
final class ConnectionFaultLog: Sendable {
  private struct State {
    var notBefore: ContinuousClock.Instant?
    var untold = 0
  }

  private let logger: Logger
  private let state = Mutex(State())

  init(_ logger: Logger) {
    self.logger = logger
  }

  func report(_ fault: String, peer: String) {
    let now = ContinuousClock.now
    let untold = state.withLock { state -> Int? in
      if let notBefore = state.notBefore, now < notBefore {
        state.untold += 1
        return nil
      }
      defer { state = State(notBefore: now + .seconds(1)) }
      return state.untold
    }
    guard let untold else { return }
    logger.notice(
      "refused a connection: \(fault)", metadata: ["peer": "\(peer)", "untold": "\(untold)"])
  }
}
