import CapacityEngine
import Foundation

/// Moves the write-ahead log into the database beside the writer, so that commits do not wait for it.
///
/// `@unchecked Sendable`: everything mutable is touched under `condition` only; the connection never leaves the thread.
final class Checkpointer: @unchecked Sendable {
  private let condition = NSCondition()
  private let path: String
  private let pagesBetween: Int
  private var pages = 0
  private var pagesDone = 0
  private var runCount = 0
  private var isStopped = false
  private var hasEnded = false

  /// - Parameter pagesBetween: by so many pages the log grows before they are moved.
  init(path: String, pagesBetween: Int) {
    self.path = path
    self.pagesBetween = pagesBetween
    let thread = Thread { self.run() }
    thread.name = "cupo-checkpoint"
    thread.start()
  }

  /// How many checkpoints there were.
  var checkpointCount: Int {
    condition.lock()
    defer { condition.unlock() }
    return runCount
  }

  /// Called after each commit with the pages that the log has now.
  func logGrew(to pages: Int) {
    condition.lock()
    defer { condition.unlock() }
    self.pages = pages
    // The log began anew.
    if pages < pagesDone { pagesDone = 0 }
    if isDue { condition.broadcast() }
  }

  /// Returns when the thread has closed its connection.
  func stop() {
    condition.lock()
    defer { condition.unlock() }
    isStopped = true
    condition.broadcast()
    while !hasEnded { condition.wait() }
  }

  private var isDue: Bool { pages - pagesDone >= pagesBetween }

  private func run() {
    var connection: Connection?
    while let pages = nextRun() {
      // What fails here fails for the writer too when the log reaches its end, and is reported there.
      if connection == nil {
        connection = try? Connection(path: path, .writing, busyMilliseconds: 0)
      }
      _ = try? connection?.checkpoint(.passive)
      finished(pages)
    }
    connection = nil
    condition.lock()
    defer { condition.unlock() }
    hasEnded = true
    condition.broadcast()
  }

  /// Waits until there is something to do.
  /// - Returns: the length of the log; nil: stop.
  private func nextRun() -> Int? {
    condition.lock()
    defer { condition.unlock() }
    while !isDue, !isStopped { condition.wait() }
    return isStopped ? nil : pages
  }

  private func finished(_ pages: Int) {
    condition.lock()
    defer { condition.unlock() }
    runCount += 1
    pagesDone = pages
    if self.pages < pagesDone { pagesDone = 0 }
  }
}
