import Capacity
import CapacityEngine

/// One batch on a `MemoryStore`.
final class MemoryUnitOfWork: UnitOfWork {
  private let storage: MemoryStorage
  private let store: MemoryStore
  private let owner: UInt64
  private let faults: Faults
  var records = Records()
  var news: StorageNews?
  // Of a shared store: whether it still has its lock or its snapshot.
  var isOpen = false
  /// The lanes whose locks it has.
  var lanes = LaneSet()

  init(_ storage: MemoryStorage, _ store: MemoryStore, owner: UInt64, _ faults: Faults) {
    self.storage = storage
    self.store = store
    self.owner = owner
    self.faults = faults
  }

  deinit { end() }

  func load(_ names: RecordNames) throws(StorageError) -> Records {
    _ = try faults.meet(.load)
    return storage.look { $0.records(names) }
  }

  func commit(_ changes: ChangeSet) throws(StorageError) -> LogPlace {
    defer { end() }
    let place = try store.write(changes, by: owner, after: nil, meeting: faults)
    if news != nil { store.tell(by: owner) }
    return place
  }

  func end() {
    guard isOpen else { return }
    isOpen = false
    storage.endUnit(lanes)
  }
}
