import Capacity
import CapacityEngine

/// One batch on a `MemoryStore`.
final class MemoryUnitOfWork: UnitOfWork {
  private let store: MemoryStore
  private let owner: UInt64
  private let faults: Faults
  let records: Records

  init(_ store: MemoryStore, owner: UInt64, _ faults: Faults, _ records: Records) {
    self.store = store
    self.owner = owner
    self.faults = faults
    self.records = records
  }

  func load(_ names: RecordNames) throws(StorageError) -> Records {
    _ = try faults.meet(.load)
    return store.records(names)
  }

  func commit(_ changes: ChangeSet) throws(StorageError) {
    switch try faults.meet(.commit) {
    case .loseWrite: return
    case .writeThenFail(let error):
      try store.write(changes, by: owner)
      throw error
    case .fail, .delay, nil: try store.write(changes, by: owner)
    }
  }
}
