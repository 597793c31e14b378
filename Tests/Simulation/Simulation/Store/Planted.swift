import Capacity
import CapacityEngine

/// Bugs that a test plants to see them caught. They sit in wrappers round what the product is given: its store, its clock,
/// what it is told of zones, and the way to its watchers. Nothing of the product knows them.
package enum Planted: String, CaseIterable, Sendable {
  /// A commit is acknowledged from the disk's cache, and a crash loses it.
  case skippedFsync
  /// Definitions are read from a cache that nobody tells of changes.
  case staleCache
  /// The node's clock runs ahead, so holds end too soon.
  case earlyExpiry
  /// One event of a batch is not written.
  case lostEvent
  /// What a release gives back is given back twice in the stored counter.
  case doubleRelease
  /// A key is not written, so that its repeat is a second hold.
  case forgottenKey
  /// A commit reports success and forgets.
  case phantomWrite
  /// A batch is not atomic: its pools are written, its last reservation is not.
  case halfBatch
  /// The lane's row says that pools were written, and they were not.
  case skippedRows
  /// Watchers are not told of a change.
  case deafWatcher
  /// The node is given other zone data than it asked for.
  case wrongZone

  /// A batch that was decided ahead is acknowledged on its way to the store.
  case earlyAnswer
  /// What was decided ahead and is not written stays in memory, though its callers are told.
  case keptBatch
  /// Of a batch that was decided ahead it is not asked whether its lanes are as they were known.
  case unfollowed

  /// Every so many commits the bug strikes.
  private static let rarity = 7

  /// Writes `changes` as the bug has it.
  func write(_ changes: ChangeSet, _ disk: Disk) throws(StorageError) -> LogPlace {
    let strikes = disk.commitsCount.isMultiple(of: Self.rarity) && !changes.events.isEmpty
    var changes = changes
    if self == .staleCache {
      for resource in changes.resources where disk.cache[resource.id] == nil {
        disk.cache[resource.id] = resource
      }
    }
    switch self {
    case .skippedFsync:
      disk.platter = strikes ? disk.platter ?? disk.contents : nil
    case .phantomWrite where strikes: return LogPlace(asKnownTo: changes)
    case .lostEvent where strikes: changes.events.removeLast()
    case .doubleRelease: releaseTwice(&changes)
    case .forgottenKey where strikes: changes.keys.removeAll()
    case .skippedRows where strikes: changes.pools.removeAll()
    case .halfBatch where strikes: _ = changes.reservations.popLast()
    default: break
    }
    return try disk.contents.append(changes)
  }

  /// Carries out what was decided ahead as the bug has it.
  func carryOut(_ write: SimulatedBatchWrite) throws(StorageError) -> LogPlace {
    let disk = write.storage.disk
    guard self != .earlyAnswer else {
      let late = disk.acknowledged
      disk.acknowledged = write
      _ = try late?.carryOut()
      return LogPlace(asKnownTo: write.changes)
    }
    do throws(StorageError) {
      return try write.carryOut()
    } catch {
      // The lane keeps what it has; the way back to the callers sees to it that they are told.
      guard self == .keptBatch, error.kind == .unavailable else { throw error }
      write.batch.isKept = true
      return LogPlace(asKnownTo: write.changes)
    }
  }

  /// What a cache says instead of `resources`.
  func aged(_ resources: [Resource], _ disk: Disk) -> [Resource] {
    self == .staleCache ? resources.map { disk.cache[$0.id] ?? $0 } : resources
  }

  /// The clock that a node is shown.
  func clock(_ now: Instant) -> Instant {
    self == .earlyExpiry ? now + Interval(microseconds: 1) : now
  }

  private func releaseTwice(_ changes: inout ChangeSet) {
    for event in changes.events where event.kind == .reservationReleased {
      for movement in event.movements {
        guard var pool = changes.pools[movement.pool], pool.held + movement.held >= 0 else {
          continue
        }
        pool.held += movement.held
        changes.pools[movement.pool] = pool
      }
    }
  }
}
