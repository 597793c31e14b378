package import Capacity
import Dispatch
import Synchronization

/// Pages of the log for many readers, read beside the lane by a thread of its own.
///
/// Nothing is kept for a reader: each one says where it stands and gets what follows, so a slow one costs no more than a
/// fast one. Readers who follow the end of the log share what was read last.
package final class EventFeed: Sendable {
  /// Events in one page at most.
  package static let pageMax = 500
  /// Readers at most.
  package static let readersMax = 10_000

  /// What a reader gets.
  package enum Page: Sendable {
    /// What follows; empty: nothing yet.
    case events([Event])
    /// Some of what follows has been taken away already.
    case compacted
  }

  struct Request: Sendable {
    var after: UInt64
    var limit: Int
    var answer: @Sendable (Result<Page, EngineError>) -> Void
  }

  private struct State {
    var requests: [Request] = []
    var position: UInt64
    var floor: UInt64 = 0
    var bells: [UInt64: Bell] = [:]
    var nextID: UInt64 = 0
    var isRestarted = false
    var isClosed = false
    var isStopped = false
  }

  private let state: Mutex<State>
  private let arrival = DispatchSemaphore(value: 0)

  /// - Parameter position: the last event that the store has.
  init(position: UInt64) {
    state = Mutex(State(position: position))
  }

  /// The last event that the store has.
  package var position: UInt64 { state.withLock { $0.position } }
  /// The last event that is only in the checkpoint: the oldest that can be read is the one behind it.
  package var floor: UInt64 { state.withLock { $0.floor } }

  /// What follows `sequence`, at most `limit` events.
  package func page(after sequence: UInt64, limit: Int) async throws(EngineError) -> Page {
    try await withCheckedContinuation { continuation in
      let request = Request(after: sequence, limit: min(limit, EventFeed.pageMax)) {
        continuation.resume(returning: $0)
      }
      let isTaken = state.withLock { state in
        guard !state.isStopped else { return false }
        state.requests.append(request)
        return true
      }
      if isTaken {
        arrival.signal()
      } else {
        request.answer(.failure(.stopping))
      }
    }.get()
  }

  /// A reader that can wait for the end of the log to move on.
  package func reader() throws(EngineError) -> EventReader {
    let result: Result<EventReader, EngineError> = state.withLock { state in
      guard !state.isClosed else { return .failure(.stopping) }
      guard state.bells.count < EventFeed.readersMax else { return .failure(.overloaded) }
      let reader = EventReader(id: state.nextID, feed: self)
      state.nextID += 1
      state.bells[reader.id] = reader.bell
      return .success(reader)
    }
    return try result.get()
  }

  func leave(_ id: UInt64) {
    _ = state.withLock { $0.bells.removeValue(forKey: id) }
  }

  /// The store has everything up to `position`.
  func advance(to position: UInt64) {
    let bells = state.withLock { state in
      state.position = position
      return state.bells.isEmpty ? [] : Array(state.bells.values)
    }
    for bell in bells { bell.ring() }
  }

  /// The store was read anew up to `position`: what was read of its log before may not be in it any more.
  func restart(at position: UInt64) {
    state.withLock { $0.isRestarted = true }
    advance(to: position)
  }

  /// Ends every wait, and lets no reader begin.
  func close() {
    let bells = state.withLock { state in
      state.isClosed = true
      return Array(state.bells.values)
    }
    for bell in bells { bell.close() }
  }

  // MARK: The thread's side

  /// Whether it was restarted since this was last asked.
  func takeRestart() -> Bool {
    state.withLock { state in
      defer { state.isRestarted = false }
      return state.isRestarted
    }
  }

  func setFloor(_ floor: UInt64) {
    state.withLock { $0.floor = floor }
  }

  /// Ends the thread's wait: there is something else for it to do.
  func nudge() {
    arrival.signal()
  }

  /// No more requests are taken; those that wait are still handed out.
  func stop() {
    state.withLock { $0.isStopped = true }
    arrival.signal()
  }

  /// What waits, after waiting for it at most `seconds`; nil: stopped, and nothing waits any more.
  func take(waitingAtMost seconds: Double) -> [Request]? {
    if let requests = exchange() { return requests }
    _ = arrival.wait(timeout: .now() + seconds)
    return exchange() ?? (state.withLock { $0.isStopped } ? nil : [])
  }

  private func exchange() -> [Request]? {
    state.withLock { state in
      guard !state.requests.isEmpty else { return nil }
      defer { state.requests.removeAll() }
      return state.requests
    }
  }
}

/// One who follows the log.
package final class EventReader: Sendable {
  let id: UInt64
  let bell = Bell()
  private let feed: EventFeed

  init(id: UInt64, feed: EventFeed) {
    self.id = id
    self.feed = feed
  }

  /// Waits until the log may have moved on since the last wait, at most for `seconds`.
  /// - Returns: false when the engine goes down or the task is cancelled.
  package func wait(atMost seconds: Double) async -> Bool {
    await bell.wait(until: .now + .seconds(seconds))
  }

  package func cancel() {
    feed.leave(id)
    bell.close()
  }
}
