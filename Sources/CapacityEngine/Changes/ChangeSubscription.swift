import Capacity
import Synchronization

/// One reader's view of what has changed since it last looked. Changes pile up as a set of pools, never as a queue, so
/// a slow reader costs no more than a fast one.
package final class ChangeSubscription: Sendable {
  /// Beyond this many changes the subscription says that everything may have changed.
  package static let changesMax = 10_000

  private let id: UInt64
  private let resources: Set<String>?
  private let hub: ChangeHub
  private let pending = Mutex(Changes())
  private let bell = Bell()

  init(id: UInt64, resources: Set<String>?, hub: ChangeHub) {
    self.id = id
    self.resources = resources
    self.hub = hub
  }

  /// Waits until something has changed, at most for `seconds`, and takes it. Empty: the time is over.
  /// - Returns: nil when the subscription has ended or the task is cancelled.
  package func next(waitingAtMost seconds: Double) async -> Changes? {
    let end = ContinuousClock.now + .seconds(seconds)
    // The bell may ring for changes that were taken a moment earlier.
    while true {
      guard await bell.wait(until: end) else { return nil }
      let changes = takePending()
      if !changes.isEmpty || ContinuousClock.now >= end { return changes }
    }
  }

  private func takePending() -> Changes {
    pending.withLock { pending in
      defer { pending = Changes() }
      return pending
    }
  }

  /// Ends the subscription from the reader's side.
  package func cancel() {
    hub.unsubscribe(id)
    close()
  }

  func receive(_ changes: Changes) {
    var mine = changes
    if let resources { mine.pools = mine.pools.filter { resources.contains($0.resourceID) } }
    guard !mine.isEmpty else { return }
    pending.withLock { pending in
      pending.formUnion(mine)
      if pending.count > ChangeSubscription.changesMax { pending = Changes(everything: true) }
    }
    bell.ring()
  }

  func close() {
    bell.close()
  }
}
