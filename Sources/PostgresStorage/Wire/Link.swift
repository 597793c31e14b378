import CapacityEngine
import Foundation
import Synchronization

/// A connection that is made anew when it is lost: less and less often while that fails, and never at the same time as other
/// nodes that lost theirs together. Used from one thread.
final class Link {
  private static let firstPause = Duration.milliseconds(50)
  private static let pauseMax = Duration.seconds(5)
  /// So long a caller is kept for a connection that is on its way.
  private static let patience = Duration.milliseconds(300)

  private let settings: ConnectionSettings
  private let onOpen: @Sendable (Connection) throws(StorageError) -> Void
  private var connection: Connection?
  private var attempt: Attempt?
  private var failures = 0
  private var retryAt = ContinuousClock.now
  private var lastError = StorageError(.unavailable, "there is no connection")

  /// - Parameter onOpen: what to do first on each connection.
  init(
    _ settings: ConnectionSettings,
    onOpen: @escaping @Sendable (Connection) throws(StorageError) -> Void = { _ in }
  ) {
    self.settings = settings
    self.onOpen = onOpen
  }

  /// Connects while the caller waits.
  func open() throws(StorageError) {
    let opened = try Connection(settings)
    try onOpen(opened)
    connection = opened
  }

  /// The connection, if there is one or it comes soon.
  func use() throws(StorageError) -> Connection {
    if let connection, !connection.isBroken { return connection }
    connection = nil
    let opened = try arrive()
    failures = 0
    connection = opened
    return opened
  }

  /// Whether the connection that was used last is gone.
  var isLost: Bool { connection?.isBroken ?? false }

  func close() {
    connection = nil
    attempt = nil
  }

  // Connecting can take as long as its time-out: it has a thread of its own, so that callers can be told in the meantime.
  private func arrive() throws(StorageError) -> Connection {
    guard attempt != nil || ContinuousClock.now >= retryAt else { throw lastError }
    let attempt = self.attempt ?? Attempt(settings, onOpen)
    self.attempt = attempt
    guard attempt.isOver(within: Link.patience) else {
      throw StorageError(.unavailable, "connecting to the database; \(lastError.detail)")
    }
    self.attempt = nil
    if let opened = attempt.take() { return opened }
    lastError = attempt.error
    failures += 1
    retryAt = .now + Link.pause(after: failures)
    throw lastError
  }

  /// Twice as long each time, of which a random part is left out.
  static func pause(after failures: Int) -> Duration {
    let longest = min(pauseMax, firstPause * (1 << min(failures, 10)))
    return longest * Double.random(in: 0.5...1)
  }

  /// One attempt to connect, on its way.
  private final class Attempt: Sendable {
    private struct State: ~Copyable {
      var connection: Connection?
      var error = StorageError(.unavailable, "there is no connection")
    }

    private let state = Mutex(State())
    private let ended = DispatchSemaphore(value: 0)

    init(
      _ settings: ConnectionSettings,
      _ onOpen: @escaping @Sendable (Connection) throws(StorageError) -> Void
    ) {
      let thread = Thread { [self] in
        // Nobody asks before it has ended, so the lock keeps nobody waiting.
        state.withLock { state in
          do throws(StorageError) {
            let opened = try Connection(settings)
            try onOpen(opened)
            state.connection = opened
          } catch {
            state.error = error
          }
        }
        ended.signal()
      }
      thread.name = "cupo-connect"
      thread.start()
    }

    func isOver(within patience: Duration) -> Bool {
      ended.wait(timeout: .now() + patience / .seconds(1)) == .success
    }

    func take() -> Connection? {
      state.withLock { state in
        let connection = state.connection
        state.connection = nil
        return connection
      }
    }

    var error: StorageError { state.withLock { $0.error } }
  }
}
