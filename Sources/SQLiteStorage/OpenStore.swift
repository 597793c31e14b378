import CapacityEngine

/// Everything that is open while a store is served. It ends in the order: checkpoints, statements, connection, lock.
final class OpenStore {
  private static let busyMilliseconds: Int32 = 5000

  let file: ServedFile
  let stored: StoredRecords
  let checkpoint: StoredCheckpoint
  let adjustmentKeys: StoredKeys
  let audit: StoredAudit
  let writer: BatchWriter
  let keys: KeyIndex
  let connection: Connection
  let gauge = LogGauge()
  let checkpointer: Checkpointer
  let policy: CheckpointPolicy
  // Last: properties end in their order, and nobody else may open the file before it is closed.
  private let lock: StoreLock

  init(
    path: String, newIdentity: StoreIdentity, policy: CheckpointPolicy?
  ) throws(StorageError) {
    file = ServedFile(path: path)
    lock = try StoreLock(path: path)
    try Schema.prepare(path: path, newIdentity: newIdentity)
    connection = try Connection.ofTheLane(file, busyMilliseconds: OpenStore.busyMilliseconds)
    stored = try StoredRecords(connection)
    checkpoint = try StoredCheckpoint(connection)
    adjustmentKeys = try StoredKeys(connection)
    audit = try StoredAudit(connection)
    writer = try BatchWriter(connection)
    keys = try KeyIndex(connection, stored, file)
    let pageBytes = try connection.pageBytes()
    let policy = policy ?? CheckpointPolicy(pageBytes: pageBytes)
    self.policy = policy
    checkpointer = Checkpointer(path: path, pagesBetween: policy.pagesBetween)
    // Also ends SQLite's own checkpoints after a commit.
    connection.report(to: gauge)
  }

  deinit {
    connection.stopReporting()
    keys.close()
    checkpointer.stop()
  }

  /// Called after each commit: sees that the log does not grow for ever.
  func boundLog() {
    if gauge.pages >= policy.pagesMax {
      emptyLog()
    } else if let moved = checkpointer.takeMoved(), gauge.pages - moved <= policy.pagesToFinish {
      restartLog()
    }
    checkpointer.logGrew(to: gauge.pages)
  }

  // The background has moved nearly all of the log. Moving the little that came meanwhile lets the next commit begin the
  // log anew: a file that is written over costs the kernel half of one that grows.
  private func restartLog() {
    // What fails here is tried again after the next run of the background.
    _ = try? connection.checkpoint(.passive)
  }

  // Where somebody reads or the background thread is at it, the next commit tries again: waiting would keep callers. The file keeps its size:
  // cutting it, and letting it grow again, is work for the kernel, and who brings so much once does it again.
  private func emptyLog() {
    connection.setBusyTimeout(milliseconds: 0)
    defer { connection.setBusyTimeout(milliseconds: OpenStore.busyMilliseconds) }
    guard (try? connection.checkpoint(.restart)) != nil else { return }
    gauge.pages = 0
  }
}
