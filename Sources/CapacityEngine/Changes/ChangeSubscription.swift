import Capacity
import Synchronization

/// One reader's view of what has changed since it last looked. Changes pile up as a set of pools, never as a queue, so
/// a slow reader costs no more than a fast one.
package final class ChangeSubscription: Sendable {
  /// Beyond this many changes the subscription says that everything may have changed.
  package static let changesMax = 10_000

  /// What has changed, and the position up to which nothing else has that the subscriber wants to hear of.
  package struct Notice: Equatable, Sendable {
    package var changes: Changes
    package var position: UInt64
  }

  private let id: UInt64
  private let hub: ChangeHub
  private let pending = Mutex(Changes())
  private let bell = Bell()

  init(id: UInt64, hub: ChangeHub) {
    self.id = id
    self.hub = hub
  }

  /// Says which pools to hear of from now on, instead of those before; definitions are heard of always.
  package func follow(_ interest: ChangeInterest) {
    hub.follow(interest, id)
  }

  /// Waits until something may have changed or somebody nudges, at most for `seconds`.
  /// - Returns: false when the subscription has ended or the task is cancelled.
  package func wait(atMost seconds: Double) async -> Bool {
    await bell.wait(until: .now + .seconds(seconds))
  }

  /// Ends the present wait, or the next one.
  package func nudge() {
    bell.ring()
  }

  /// Takes what has changed since the last time.
  package func take() -> Notice {
    // In this order: what happens between the two is in the changes too early, which does no harm.
    let position = hub.position
    let changes = pending.withLock { pending in
      defer { pending = Changes() }
      return pending
    }
    return Notice(changes: changes, position: position)
  }

  /// Ends the subscription from the reader's side.
  package func cancel() {
    hub.unsubscribe(id)
    close()
  }

  // MARK: The hub's side

  func add(_ pool: PoolKey) {
    pending.withLock { pending in
      guard !pending.everything else { return }
      pending.pools.insert(pool)
      pending.limit(to: Self.changesMax)
    }
  }

  func add(_ changes: Changes) {
    pending.withLock { pending in
      pending.formUnion(changes)
      pending.limit(to: Self.changesMax)
    }
  }

  func close() {
    bell.close()
  }
}

extension Changes {
  fileprivate mutating func limit(to most: Int) {
    if count > most { self = Changes(everything: true) }
  }
}
