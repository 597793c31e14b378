import Capacity
import CapacityEngine

/// One batch on a store that no other process writes to, so nothing needs a lock before the commit.
final class SQLiteUnitOfWork: UnitOfWork {
  private let storage: SQLiteStorage
  let records: Records
  // Keys that were looked up and are not there.
  private var keys: [IdempotencyKey]

  init(_ storage: SQLiteStorage, reading names: RecordNames) throws(StorageError) {
    self.storage = storage
    records = try storage.records(names)
    keys = names.keys.missing(in: records)
  }

  func load(_ names: RecordNames) throws(StorageError) -> Records {
    let more = try storage.records(names)
    keys += names.keys.missing(in: more)
    return more
  }

  func commit(_ changes: ChangeSet) throws(StorageError) -> LogPlace {
    try storage.commit(changes, newKeys: keys)
    // Now they are there.
    keys = []
    return LogPlace(asKnownTo: changes)
  }
}

extension [IdempotencyKey] {
  fileprivate func missing(in records: Records) -> [IdempotencyKey] {
    records.keys.isEmpty ? self : filter { records.keys[$0] == nil }
  }
}
