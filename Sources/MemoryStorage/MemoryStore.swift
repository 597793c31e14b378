import Capacity
package import CapacityEngine
import Synchronization

/// The data of a store in memory; it outlives the storages that are opened on it.
package final class MemoryStore: Sendable {
  package let identity: StoreIdentity
  private let contents = Mutex(MemoryContents())
  private let owners = Mutex(Owners())

  private struct Owners {
    var all: Set<UInt64> = []
    var areSharing = false
    // Of those that share: who may write now, lane by lane.
    var writers: [Int: UInt64] = [:]
    var lastNumber: UInt64 = 0
    var listeners: [UInt64: @Sendable (UInt64) -> Void] = [:]

    mutating func unlock(by number: UInt64) {
      writers = writers.filter { $0.value != number }
    }
  }

  /// - Parameter lanes: how many it has, at most 64.
  package init(identity: StoreIdentity, lanes: Int = 1) {
    self.identity = identity
    contents.withLock { $0.counters = StoreCounters(lanes: lanes) }
  }

  /// Gives it another number of lanes, at most 64.
  package func setLanes(_ count: Int) {
    contents.withLock { $0.counters = $0.counters.spread(over: count) }
  }

  /// As if the processes that have it had died: another storage may open it, and the old ones can write no more.
  package func abandon() {
    owners.withLock { owners in
      owners.all.removeAll()
      owners.listeners.removeAll()
      owners.writers.removeAll()
    }
  }

  /// What was in it at some moment.
  package struct Past: Sendable {
    let contents: MemoryContents

    /// The last event of its log.
    package var last: UInt64 { contents.counters.nextSequence - 1 }
  }

  /// As it is now, to go back to.
  package var present: Past { Past(contents: snapshot) }

  /// As if commits had been lost by a failover: storages go on, on what was there before.
  package func goBack(to past: Past) {
    contents.withLock { $0 = past.contents }
  }

  /// The number of the new owner; nil: one that does not share has it, or this one would not.
  func open(sharing: Bool) -> UInt64? {
    owners.withLock { owners in
      guard owners.all.isEmpty || (sharing && owners.areSharing) else { return nil }
      owners.areSharing = sharing
      owners.lastNumber += 1
      owners.all.insert(owners.lastNumber)
      return owners.lastNumber
    }
  }

  func letGo(_ number: UInt64) {
    owners.withLock { owners in
      owners.all.remove(number)
      owners.listeners[number] = nil
      owners.unlock(by: number)
    }
  }

  private func has(_ number: UInt64) -> Bool {
    owners.withLock { $0.all.contains(number) }
  }

  // MARK: Sharing

  /// Takes the locks of `lanes` for `number`, all or none.
  /// - Returns: false while another has one of them.
  func lock(_ lanes: LaneSet, for number: UInt64) throws(StorageError) -> Bool {
    guard has(number) else { throw MemoryStore.lost }
    return owners.withLock { owners in
      guard lanes.allSatisfy({ owners.writers[$0] ?? number == number }) else { return false }
      for lane in lanes { owners.writers[lane] = number }
      return true
    }
  }

  /// Takes back the locks of `lanes` alone.
  func unlock(_ lanes: LaneSet, by number: UInt64) {
    owners.withLock { owners in
      for lane in lanes where owners.writers[lane] == number { owners.writers[lane] = nil }
    }
  }

  func listen(_ number: UInt64, _ told: @escaping @Sendable (UInt64) -> Void) {
    owners.withLock { $0.listeners[number] = told }
  }

  /// Tells all others that the store has moved on.
  func tell(by number: UInt64) {
    let position = contents.withLock { $0.counters.nextSequence - 1 }
    let listeners = owners.withLock { $0.listeners.filter { $0.key != number }.values }
    for told in listeners { told(position) }
  }

  /// All of it, as it is now.
  var snapshot: MemoryContents { contents.withLock { $0 } }

  /// Does `work` on the contents, if `number` still has the store.
  func change<Result: Sendable>(
    by number: UInt64, _ work: @Sendable (inout MemoryContents) -> Result
  ) throws(StorageError) -> Result {
    guard has(number) else { throw MemoryStore.lost }
    return contents.withLock { work(&$0) }
  }

  /// Reads something of the contents.
  func look<Result: Sendable>(_ work: @Sendable (borrowing MemoryContents) -> Result) -> Result {
    contents.withLock { work($0) }
  }

  /// Writes, unless a fault meets it.
  /// - Returns: where it was written, or would have been.
  func write(
    _ changes: ChangeSet, by number: UInt64, after known: StoreCounters?, meeting faults: Faults
  ) throws(StorageError) -> LogPlace {
    switch try faults.meet(.commit) {
    case .loseWrite: return LogPlace(asKnownTo: changes)
    case .writeThenFail(let error):
      _ = try write(changes, by: number, after: known)
      throw error
    case .fail, .delay, nil: return try write(changes, by: number, after: known)
    }
  }

  /// - Parameter known: what the lanes of `changes` must be; nil: whatever they are.
  func write(
    _ changes: ChangeSet, by number: UInt64, after known: StoreCounters? = nil
  ) throws(StorageError) -> LogPlace {
    guard has(number) else { throw MemoryStore.lost }
    let result: Result<LogPlace, StorageError> = contents.withLock { contents in
      do throws(StorageError) {
        if let known, !contents.counters.isFollowed(by: changes, after: known) {
          throw StorageError(.conflict, "another node came first")
        }
        return .success(try contents.append(changes))
      } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }

  private static let lost = StorageError(.inUse, "this memory is another's now")
}
