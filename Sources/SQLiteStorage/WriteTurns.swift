import Dispatch
import Synchronization

/// Whose turn it is to write to a file that the lane and threads beside it write to.
///
/// SQLite lets one write at a time, and who finds the file busy sleeps and looks again, longer each time: beside somebody who writes step
/// after step the lane would be kept for fifty milliseconds. Here a turn is handed over: the lane waits for the end of one step at most,
/// and those beside it for one turn of the lane and for one another.
final class WriteTurns: Sendable {
  private enum Writer { case nobody, lane, beside }

  private struct State {
    var writer = Writer.nobody
    var isLaneWaiting = false
    var waitingBeside = 0
  }

  private let state = Mutex(State())
  private let lane = DispatchSemaphore(value: 0)
  private let beside = DispatchSemaphore(value: 0)

  /// Returns when it is the lane's turn; `end` ends it.
  func begin() {
    let isFree = state.withLock { state in
      guard state.writer == .nobody else {
        state.isLaneWaiting = true
        return false
      }
      state.writer = .lane
      return true
    }
    if !isFree { lane.wait() }
  }

  /// Returns when it is the turn of one beside the lane; `end` ends it.
  func beginBeside() {
    let isFree = state.withLock { state in
      guard state.writer == .nobody else {
        state.waitingBeside += 1
        return false
      }
      state.writer = .beside
      return true
    }
    if !isFree { beside.wait() }
  }

  /// Ends a turn, which another thread than the one that began it may do.
  func end() {
    state.withLock { state in
      if state.isLaneWaiting {
        state.isLaneWaiting = false
        state.writer = .lane
        lane.signal()
      } else if state.waitingBeside > 0 {
        state.waitingBeside -= 1
        state.writer = .beside
        beside.signal()
      } else {
        state.writer = .nobody
      }
    }
  }
}
