package import Capacity
package import CapacityEngine

/// Puts a backup in the place of a store.
///
/// The one thing to know: the world remembers what came after the backup, so the store goes on far behind it, see
/// ``PutBackStore``. Everything is made beside the store and checked there; the last step is one rename.
package struct SQLiteRestore {
  /// What was done.
  package struct Summary: Sendable {
    /// What the store has now.
    package let audit: LedgerAudit
    /// Where the store is that was there before; nil: there was none.
    package let keptAside: String?
    /// The last event of the backup; what came behind it is undone.
    package let lastEvent: UInt64
    /// What the next reservation is numbered.
    package let nextReservation: UInt64
  }

  /// The backup.
  package let file: String
  /// The store.
  package let path: String
  package var isReplacing = false
  package var now: Instant
  package var actor: String
  package var observer: ProgressObserver?

  package init(
    file: String, path: String, isReplacing: Bool, at now: Instant, actor: String,
    observer: ProgressObserver?
  ) {
    (self.file, self.path, self.isReplacing) = (file, path, isReplacing)
    (self.now, self.actor, self.observer) = (now, actor, observer)
  }

  /// - Throws: `inUse` while the store is served, `conflict` where it is there and may not be replaced, `corrupt` for a
  ///   backup that is none or damaged. In all of them nothing has changed.
  package func run() throws(StorageError) -> Summary {
    let (backup, target) = (StoreFile(file), StoreFile(path))
    guard backup.exists else { throw StorageError(.unavailable, "there is no file \(file)") }
    try checkHead(backup)
    guard !backup.isSame(as: target) else {
      throw StorageError(.conflict, "\(file) is the store itself")
    }
    let lock = try StoreLock(path: path)
    defer { withExtendedLifetime(lock) {} }
    guard isReplacing || !target.exists else {
      throw StorageError(.conflict, "there is a store at \(path)")
    }
    let made = StoreFile(path + ".restoring")
    defer { StoreFile(made.path + ".lock").remove() }
    do throws(StorageError) {
      let (lastEvent, lane) = try prepare(made, replacing: target)
      let audit = try StoreCheck.run(made.path, observer)
      try made.fold()
      try made.sync()
      let kept = try keepAside(target)
      try made.rename(to: target)
      return Summary(
        audit: audit, keptAside: kept, lastEvent: lastEvent, nextReservation: lane.nextReservation)
    } catch {
      made.remove()
      throw error.detail.contains(path) || error.detail.contains(file)
        ? error : StorageError(error.kind, "\(file) cannot be restored: \(error.detail)")
    }
  }

  private func checkHead(_ backup: StoreFile) throws(StorageError) {
    let head = try backup.beginning(16)
    guard !head.starts(with: Array("CUPOEXP".utf8)) else {
      throw StorageError(.corrupt, "\(file) is an export: `cupo import` reads it")
    }
    guard head == Array("SQLite format 3\0".utf8) else {
      throw StorageError(.corrupt, "\(file) is no backup of Cupo")
    }
  }

  // MARK: The new store

  // Answers the last event of the backup, and the lane as it is now.
  private func prepare(
    _ made: StoreFile, replacing target: StoreFile
  ) throws(StorageError) -> (UInt64, StoreCounters) {
    try Schema.checkIsStore(path: file)
    try StoreCopy(source: file, destination: made, isAlone: true, step: "copying").run(observer)
    // Opening also migrates a backup of an older version. The identity is the backup's own.
    let storage = try SQLiteStorage.open(
      path: made.path, newIdentity: StoreIdentity(namingKey: 0))
    defer { storage.close() }
    let lane = try storage.counters()
    let newer = known(target, of: try storage.identity())
    _ = isFolded(target)
    let changes = try PutBackStore.changes(
      from: lane, replacing: newer, at: now, actor: actor,
      reason: "restored from a backup: what came behind event \(lane.nextSequence - 1) is undone")
    try storage.begin(reading: RecordNames()).commit(changes)
    return (lane.nextSequence - 1, changes.counters)
  }

  // A store that cannot be read may be why there is a restore.
  private func known(_ target: StoreFile, of identity: StoreIdentity) -> StoreCounters? {
    guard target.exists, let reader = try? SQLiteReader.open(path: target.path),
      (try? reader.identity()) == identity
    else { return nil }
    return try? reader.counters()
  }

  // MARK: The old store

  // Answers where it is now. There is a store at the path all the time, but where the old one is too damaged to take in
  // its own log: then both are moved.
  private func keepAside(_ target: StoreFile) throws(StorageError) -> String? {
    guard target.exists else { return nil }
    let aside = unusedName(for: target)
    if isFolded(target) {
      try target.link(to: aside)
    } else {
      try target.rename(to: aside)
      for (old, new) in zip(target.companions, aside.companions) where old.exists {
        try old.rename(to: new)
      }
    }
    return aside.path
  }

  // Who only looks at it, as we have, leaves files beside it too.
  private func isFolded(_ target: StoreFile) -> Bool {
    guard target.companions.contains(where: \.exists) else { return true }
    // A log beside something else is evidence, which SQLite would remove.
    guard (try? SQLiteReader.open(path: target.path)) != nil else { return false }
    // Somebody looks at it, or it is damaged: then it is moved as it is.
    return (try? target.fold()) != nil
  }

  private func unusedName(for target: StoreFile) -> StoreFile {
    let base = "\(target.path).before-\(now.seconds)"
    var name = StoreFile(base)
    var number = 1
    while name.exists {
      number += 1
      name = StoreFile("\(base)-\(number)")
    }
    return name
  }
}
