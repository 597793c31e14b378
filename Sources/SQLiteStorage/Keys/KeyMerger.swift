import CapacityEngine
import Dispatch
import Foundation
import Synchronization

/// Merges runs of keys beside the lane, a few pages at a time, so that no commit waits for it longer than for any other.
///
/// The runs that it merges are read until the lane has taken the merged one; only then their pages go.
final class KeyMerger: Sendable {
  struct Job: Sendable {
    /// The run to make.
    var id: Int64
    /// Neighbours, the oldest first.
    var runs: [KeyRun]
    /// The last reservation whose key is in a run before them.
    var after: UInt64
  }

  struct Outcome: Sendable {
    var job: Job
    /// Nil: it failed, and the runs are as they were.
    var merged: KeyRun?
  }

  private struct State {
    var job: Job?
    var outcome: Outcome?
    var retired: [Range<Int64>]
    var isStopped = false
  }

  /// Pages of one transaction: the lane may have to wait for its end, and the disk writes them with the lane's next commit.
  private static let pagesPerStep = 16

  private let file: ServedFile
  private let state: Mutex<State>
  private let wake = DispatchSemaphore(value: 0)
  private let ended = DispatchSemaphore(value: 0)

  /// - Parameter retired: runs that nobody reads, whose pages may be there.
  init(_ file: ServedFile, retired: [Range<Int64>]) {
    self.file = file
    state = Mutex(State(retired: retired))
    let thread = Thread { self.run() }
    thread.name = "cupo-keys"
    thread.start()
    if !retired.isEmpty { wake.signal() }
  }

  /// Begins to merge. One job at a time: not before the outcome of the last was taken.
  func merge(_ job: Job) {
    state.withLock { $0.job = job }
    wake.signal()
  }

  /// What became of the job; nil: it goes on.
  func takeOutcome() -> Outcome? {
    state.withLock { state in
      defer { state.outcome = nil }
      return state.outcome
    }
  }

  /// Nobody reads these runs any more.
  func retire(_ runs: [KeyRun]) {
    state.withLock { $0.retired += runs.map { $0.id..<$0.id + 1 } }
    wake.signal()
  }

  /// Returns when the thread has closed its connection. Called once.
  func stop() {
    state.withLock { $0.isStopped = true }
    wake.signal()
    ended.wait()
  }

  private var isStopped: Bool { state.withLock { $0.isStopped } }

  // MARK: The thread

  private func run() {
    while true {
      wake.wait()
      if isStopped { break }
      let (job, retired) = state.withLock { state in
        defer { (state.job, state.retired) = (nil, []) }
        return (state.job, state.retired)
      }
      // What stays behind is found when the store is opened the next time.
      try? deletePages(of: retired)
      guard let job else { continue }
      let merged = try? merged(job)
      if merged == nil { try? deletePages(of: [job.id..<job.id + 1]) }
      state.withLock { $0.outcome = Outcome(job: job, merged: merged) }
    }
    ended.signal()
  }

  private func deletePages(of retired: [Range<Int64>]) throws(StorageError) {
    guard !retired.isEmpty else { return }
    let connection = try Connection.besideTheLane(file)
    let pages = try KeyPages(connection)
    for runs in retired {
      var deleted = Self.pagesPerStep
      while deleted == Self.pagesPerStep, !isStopped {
        deleted = try step(connection) { () throws(StorageError) -> Int in
          try pages.deletePages(of: runs, limit: Self.pagesPerStep)
        }
      }
    }
  }

  private func merged(_ job: Job) throws(StorageError) -> KeyRun {
    let connection = try Connection.besideTheLane(file)
    let pages = try KeyPages(connection)
    var merge = try KeyMerge(job.runs, pages)
    let last = job.runs.last?.lastNumber ?? 0
    // Keys of reservations that retention has taken away go here.
    let kept = try KeptNumbers.behind(job.after, through: last, connection) { [self] in isStopped }
    var left = job.runs.map(\.count).reduce(0, +)
    var writer = KeyRunWriter(
      pages, id: job.id, lastNumber: last, count: min(left, kept?.count ?? left))
    while true {
      if isStopped { throw StorageError(.unavailable, "the store is closed") }
      let count = min(left, Self.pagesPerStep * KeyPages.entriesPerPage)
      // Found before it is this thread's turn to write.
      var entries: [KeyEntry] = []
      for _ in 0..<count {
        let entry = try merge.next(pages)
        if kept?.contains(entry.number) ?? true { entries.append(entry) }
      }
      left -= count
      if left == 0 { return try finish(job, entries, &writer, connection, pages) }
      try step(connection) { () throws(StorageError) in try writer.append(entries) }
    }
  }

  // From one to the other in one step: whoever opens the store sees the old ones or the new.
  private func finish(
    _ job: Job, _ entries: [KeyEntry], _ writer: inout KeyRunWriter, _ connection: Connection,
    _ pages: KeyPages
  ) throws(StorageError) -> KeyRun {
    try connection.transaction { () throws(StorageError) -> KeyRun in
      try writer.append(entries)
      for run in job.runs { try pages.deleteRun(run.id) }
      return try writer.finish()
    }
  }

  // Others have the file at least as long as this thread has: a merge may go on for seconds, and a lane that is seldom asked would
  // come upon a step each time.
  private func step<Result>(
    _ connection: Connection, _ body: () throws(StorageError) -> Result
  ) throws(StorageError) -> Result {
    var begin = ContinuousClock.now
    let result = try connection.transaction { () throws(StorageError) -> Result in
      begin = .now
      return try body()
    }
    Thread.sleep(forTimeInterval: (ContinuousClock.now - begin) / .seconds(1))
    return result
  }
}
