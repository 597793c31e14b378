import Capacity
import Synchronization

/// Carries what the lane's thread made while starting to the one who waits for it.
final class StartedLane: Sendable {
  private let content = Mutex<(hub: ChangeHub, naming: ReservationNaming)?>(nil)

  func fill(_ hub: ChangeHub, _ naming: ReservationNaming) {
    content.withLock { $0 = (hub, naming) }
  }

  func value() -> (hub: ChangeHub, naming: ReservationNaming) {
    guard let value = content.withLock({ $0 }) else {
      preconditionFailure("asked before the lane has started")
    }
    return value
  }
}
