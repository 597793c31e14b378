import Capacity
import Dispatch
import Foundation
import Synchronization

/// Carries out the writes of batches beside the lane, one at a time: while one waits for the disk or the database, the lane decides
/// the next.
protocol Committer: AnyObject {
  /// Begins to carry out `write`; the one before has been taken.
  func start(_ write: any BatchWrite)
  /// Whether what was started is over and has not been taken.
  var isOver: Bool { get }
  /// Waits for what was started, and takes how it went.
  func take() -> Result<LogPlace, StorageError>
  /// Nothing is started any more, and nothing is under way.
  func stop()
  /// Commands were decided ahead, the first of a batch or behind others of it. Only who looks on wants to know.
  func note(_ decided: [Lane.Item], at instant: Instant, in lanes: LaneSet, isFirst: Bool)
}

extension Committer {
  func note(_ decided: [Lane.Item], at instant: Instant, in lanes: LaneSet, isFirst: Bool) {}
}

/// A committer with a thread of its own.
final class CommitThread: Committer, Sendable {
  private struct State {
    var write: (any BatchWrite)?
    var result: Result<LogPlace, StorageError>?
    var isStopped = false
  }

  private let state = Mutex(State())
  private let arrival = DispatchSemaphore(value: 0)
  private let over = DispatchSemaphore(value: 0)
  private let ended = DispatchSemaphore(value: 0)
  private let told: @Sendable () -> Void

  /// - Parameter told: called on the thread each time a write is over.
  init(told: @escaping @Sendable () -> Void) {
    self.told = told
    let thread = Thread { self.run() }
    thread.name = "cupo-commit"
    // Encoding has as much as on the lane's thread.
    thread.stackSize = 8 << 20
    thread.start()
  }

  func start(_ write: any BatchWrite) {
    state.withLock { $0.write = write }
    arrival.signal()
  }

  var isOver: Bool { state.withLock { $0.result != nil } }

  func take() -> Result<LogPlace, StorageError> {
    over.wait()
    return state.withLock { state in
      guard let result = state.result else { preconditionFailure("no write was started") }
      state.result = nil
      return result
    }
  }

  /// Ends the thread. Called once.
  func stop() {
    state.withLock { $0.isStopped = true }
    arrival.signal()
    ended.wait()
  }

  private func run() {
    while true {
      arrival.wait()
      let (write, isStopped) = state.withLock { state in
        defer { state.write = nil }
        return (state.write, state.isStopped)
      }
      if let write { finish(Self.result(of: write)) }
      if isStopped { break }
    }
    ended.signal()
  }

  /// How it goes to carry out `write` here.
  static func result(of write: any BatchWrite) -> Result<LogPlace, StorageError> {
    do throws(StorageError) {
      return .success(try write.run())
    } catch {
      return .failure(error)
    }
  }

  private func finish(_ result: Result<LogPlace, StorageError>) {
    state.withLock { $0.result = result }
    over.signal()
    told()
  }
}
