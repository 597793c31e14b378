import Capacity
import CapacityEngine

/// One batch on a shared `MemoryStore` that is written without a look at it.
final class MemoryOptimisticWork: OptimisticWork {
  private let store: MemoryStore
  private let owner: UInt64
  private let faults: Faults

  init(_ store: MemoryStore, owner: UInt64, _ faults: Faults) {
    self.store = store
    self.owner = owner
    self.faults = faults
  }

  func prepare(_ changes: ChangeSet, after known: StoreCounters) -> any BatchWrite {
    MemoryBatchWrite(store: store, owner: owner, faults: faults, changes: changes, known: known)
  }

  func finish(_ changes: ChangeSet, _ error: StorageError?) {
    if error == nil { store.tell(by: owner) }
  }
}

private struct MemoryBatchWrite: BatchWrite {
  let store: MemoryStore
  let owner: UInt64
  let faults: Faults
  let changes: ChangeSet
  let known: StoreCounters

  func run() throws(StorageError) -> LogPlace {
    guard try store.lock(changes.lanes, for: owner) else {
      throw StorageError(.conflict, "another node has the lane")
    }
    defer { store.unlock(changes.lanes, by: owner) }
    return try store.write(changes, by: owner, after: known, meeting: faults)
  }
}
