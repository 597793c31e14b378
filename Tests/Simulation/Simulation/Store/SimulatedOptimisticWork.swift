import Capacity
import CapacityEngine

/// One batch on a shared `Disk` that is written without a look at it.
final class SimulatedOptimisticWork: OptimisticWork {
  private let storage: SimulatedStorage
  private let batch = SentBatch()

  init(_ storage: SimulatedStorage) {
    self.storage = storage
  }

  func prepare(_ changes: ChangeSet, after known: StoreCounters) -> any BatchWrite {
    storage.diary.add(.sent(batch))
    return SimulatedBatchWrite(storage: storage, changes: changes, known: known, batch: batch)
  }

  func finish(_ changes: ChangeSet, _ error: StorageError?) {
    storage.diary.add(.settled(batch, last: error == nil ? changes.counters.nextSequence - 1 : nil))
  }
}

/// The write of such a batch. One thread has it, the simulator's.
struct SimulatedBatchWrite: BatchWrite, @unchecked Sendable {
  let storage: SimulatedStorage
  let changes: ChangeSet
  let known: StoreCounters
  let batch: SentBatch

  func run() throws(StorageError) -> LogPlace {
    guard let planted = storage.disk.planted else { return try carryOut() }
    return try planted.carryOut(self)
  }

  func carryOut() throws(StorageError) -> LogPlace {
    try storage.write(changes, batch, after: known)
  }
}
