import Capacity
import Synchronization

/// Carries what the lane's thread made while starting to the one who waits for it.
final class StartedLane: Sendable {
  struct Content: Sendable {
    let hub: ChangeHub
    let events: EventFeed
    /// Spells ids and codes of reservations.
    let naming: ReservationNaming
    let clock: StoreClock
    /// What others have told of, on a store that they write to.
    let told: SharedStore.Told
    let audit: AuditTrail
    let openLog: EventLogOpener
  }

  private let content = Mutex<Content?>(nil)

  func fill(_ value: Content) {
    content.withLock { $0 = value }
  }

  func value() -> Content {
    guard let value = content.withLock({ $0 }) else {
      preconditionFailure("asked before the lane has started")
    }
    return value
  }
}
