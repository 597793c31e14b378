import Capacity
import CapacityEngine

/// One batch on a `Disk`.
final class SimulatedUnitOfWork: UnitOfWork {
  private let storage: SimulatedStorage
  let records: Records
  let news: StorageNews?

  init(_ storage: SimulatedStorage, _ records: Records, news: StorageNews?) {
    (self.storage, self.records, self.news) = (storage, records, news)
  }

  func load(_ names: RecordNames) throws(StorageError) -> Records {
    try storage.meet(.unreadable)
    return storage.records(names)
  }

  func commit(_ changes: ChangeSet) throws(StorageError) -> LogPlace {
    try storage.commit(changes)
  }

  func end() {
    storage.endUnit()
  }
}
