import Capacity
package import CapacityEngine
import Synchronization

/// The data of a store in memory; it outlives the storages that are opened on it.
package final class MemoryStore: Sendable {
  package let identity: StoreIdentity
  private let contents = Mutex(MemoryContents())
  private let owner = Mutex(Owner())

  private struct Owner {
    var number: UInt64?
    var lastNumber: UInt64 = 0
  }

  package init(identity: StoreIdentity) {
    self.identity = identity
  }

  /// As if the process that has it had died: another storage may open it, and the old one can write no more.
  package func abandon() {
    owner.withLock { $0.number = nil }
  }

  /// The number of the new owner; nil: another one has it.
  func open() -> UInt64? {
    owner.withLock { owner in
      guard owner.number == nil else { return nil }
      owner.lastNumber += 1
      owner.number = owner.lastNumber
      return owner.lastNumber
    }
  }

  func letGo(_ number: UInt64) {
    owner.withLock { owner in
      if owner.number == number { owner.number = nil }
    }
  }

  func lane() -> LaneState {
    contents.withLock { $0.lane }
  }

  /// Does `work` on the contents, if `number` still has the store.
  func change<Result: Sendable>(
    by number: UInt64, _ work: @Sendable (inout MemoryContents) -> Result
  ) throws(StorageError) -> Result {
    guard owner.withLock({ $0.number == number }) else {
      throw StorageError(.inUse, "this memory is another's now")
    }
    return contents.withLock { work(&$0) }
  }

  /// Reads something of the contents.
  func look<Result: Sendable>(_ work: @Sendable (borrowing MemoryContents) -> Result) -> Result {
    contents.withLock { work($0) }
  }

  func write(_ changes: ChangeSet, by number: UInt64) throws(StorageError) {
    guard owner.withLock({ $0.number == number }) else {
      throw StorageError(.inUse, "this memory is another's now")
    }
    let result: Result<Void, StorageError> = contents.withLock { contents in
      do throws(StorageError) {
        return .success(try contents.apply(changes))
      } catch {
        return .failure(error)
      }
    }
    try result.get()
  }

  func records(_ names: RecordNames) -> Records {
    contents.withLock { $0.records(names) }
  }

  func catalogue() -> (resources: [Resource], products: [Product]) {
    contents.withLock { contents in
      (
        contents.resources.values.sorted { $0.id < $1.id },
        contents.products.values.sorted { $0.id < $1.id }
      )
    }
  }

  func pools(after key: PoolKey?, limit: Int) -> [(key: PoolKey, pool: Pool)] {
    contents.withLock { $0.pools(after: key, limit: limit) }
  }

  func reservations(after number: UInt64, limit: Int, holdingOnly: Bool) -> [Reservation] {
    contents.withLock { $0.reservations(after: number, limit: limit, holdingOnly: holdingOnly) }
  }

  func reservations(
    before number: UInt64?, limit: Int, ofBuyer buyerID: String?, holdingOnly: Bool
  ) -> [Reservation] {
    contents.withLock {
      $0.reservations(before: number, limit: limit, ofBuyer: buyerID, holdingOnly: holdingOnly)
    }
  }

  func events(after sequence: UInt64, limit: Int) -> [Event] {
    contents.withLock { $0.events(after: sequence, limit: limit) }
  }

  func balances(after key: PoolKey?, limit: Int) -> [(key: PoolKey, pool: Pool)] {
    contents.withLock { $0.balances(after: key, limit: limit) }
  }

  func adjustmentKeys(after key: IdempotencyKey?, limit: Int) -> [(
    key: IdempotencyKey, number: UInt64
  )] {
    contents.withLock { $0.adjustmentKeys(after: key, limit: limit) }
  }
}
