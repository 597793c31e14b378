import CapacityEngine
import Dispatch
import Foundation
import Synchronization

/// Moves the write-ahead log into the database beside the writer, so that commits do not wait for it.
final class Checkpointer: Sendable {
  private struct State {
    /// The pages that the log has.
    var pages = 0
    /// The pages that it had when they were last moved.
    var pagesDone = 0
    var runCount = 0
    var movedMost = 0
    /// What the last run has moved, until the writer is told.
    var moved: Int?
    var isAwake = false
    var isStopped = false
  }

  private let path: String
  private let pagesBetween: Int
  private let state = Mutex(State())
  private let wake = DispatchSemaphore(value: 0)
  private let ended = DispatchSemaphore(value: 0)

  /// - Parameter pagesBetween: by so many pages the log grows before they are moved.
  init(path: String, pagesBetween: Int) {
    self.path = path
    self.pagesBetween = pagesBetween
    let thread = Thread { self.run() }
    thread.name = "cupo-checkpoint"
    thread.start()
  }

  /// How many runs there were, and the most pages that one of them has moved.
  var history: (runs: Int, movedMost: Int) { state.withLock { ($0.runCount, $0.movedMost) } }

  /// How many pages of the log a run of the background has moved; once for each run, nil where there was none.
  func takeMoved() -> Int? {
    state.withLock { state in
      defer { state.moved = nil }
      return state.moved
    }
  }

  /// Called after each commit with the pages that the log has now.
  func logGrew(to pages: Int) {
    let isDue = state.withLock { state in
      state.pages = pages
      // The log began anew.
      if pages < state.pagesDone { state.pagesDone = 0 }
      guard pages - state.pagesDone >= pagesBetween, !state.isAwake else { return false }
      state.isAwake = true
      return true
    }
    if isDue { wake.signal() }
  }

  /// Returns when the thread has closed its connection. Called once.
  func stop() {
    state.withLock { $0.isStopped = true }
    wake.signal()
    ended.wait()
  }

  private func run() {
    // At once, so that what the process has open does not change with its load.
    var connection = try? open()
    while let pages = nextRun() {
      // What fails here fails for the writer too when the log reaches its end, and is reported there.
      if connection == nil { connection = try? open() }
      finished(pages, moved: try? connection?.checkpoint(.passive).moved)
    }
    connection = nil
    ended.signal()
  }

  // A connection learns that there is a log by reading; before that it checkpoints nothing, without a word.
  private func open() throws(StorageError) -> Connection {
    let connection = try Connection(path: path, .writing, busyMilliseconds: 0)
    try connection.execute("SELECT count(*) FROM sqlite_schema")
    return connection
  }

  /// Waits until there is something to do.
  /// - Returns: the length of the log; nil: stop.
  private func nextRun() -> Int? {
    wake.wait()
    return state.withLock { $0.isStopped ? nil : $0.pages }
  }

  private func finished(_ pages: Int, moved: Int32?) {
    state.withLock { state in
      state.runCount += 1
      state.moved = moved.map { Int($0) }
      state.movedMost = max(state.movedMost, state.moved ?? 0)
      state.pagesDone = min(pages, state.pages)
      state.isAwake = false
    }
  }
}
