import Capacity
import CapacityEngine

/// One batch on a store that no other process writes to, so nothing needs a lock before the commit.
final class SQLiteUnitOfWork: UnitOfWork {
  private let storage: SQLiteStorage
  let records: Records

  init(_ storage: SQLiteStorage, _ records: Records) {
    self.storage = storage
    self.records = records
  }

  func load(_ names: RecordNames) throws(StorageError) -> Records {
    try storage.records(names)
  }

  func commit(_ changes: ChangeSet) throws(StorageError) {
    try storage.commit(changes)
  }
}
