import Capacity
import CapacityEngine

/// A simulated durable store: what survives a crash, and what can go wrong with it.
///
/// One thread has it, the simulator's: that is why it may be said to be Sendable.
final class Disk: @unchecked Sendable {
  /// What happens to the next call of a kind.
  enum Fault: CaseIterable {
    /// The commit fails, and nothing is written.
    case lost
    /// The commit is written, and reported as failed.
    case torn
    /// Reading at the beginning of the batch fails.
    case unreadable
    /// Reading the lane's row fails.
    case laneUnreadable
    /// Reading reservations fails.
    case listUnreadable
    /// Reading pages of the log fails.
    case logUnreadable
    /// Opening the store anew fails while the catalogue is read.
    case catalogueUnreadable
    /// Another node came first, however often it tries.
    case conflict
    /// Nobody is told of the next commit.
    case silent
  }

  static let gone = StorageError(.unavailable, "the disk does not answer")
  static let full = StorageError(.unavailable, "the disk is full")
  static let overtaken = StorageError(.conflict, "another node came first")
  static let taken = StorageError(.inUse, "this disk is another's now")

  var contents = DiskContents()
  var faults: Set<Fault> = []
  var isFull = false
  /// Whether several nodes write to it.
  let isShared: Bool
  let lanes: LaneSet
  /// Its own clock, which nodes decide by where they are several.
  let clock = VirtualClock()
  /// Who opened it last; where it is not shared, nobody else writes.
  var owner = 0
  /// Who is told of commits.
  var listeners: [Int: @Sendable (UInt64) -> Void] = [:]
  /// Called before a node is given the lock: another one may come first.
  var beforeLock: ((Int) -> Void)?
  /// Called while a batch is open: others may come between in other lanes.
  var beforeAppend: ((Int) -> Void)?
  /// The lanes that an open batch has for itself, and whose it is.
  private(set) var locked = LaneSet()
  private var locker = 0
  /// How often another node comes first.
  var conflictsLeft = 0
  let planted: Planted?
  /// What is really on the platter, where commits are kept from it.
  var platter: DiskContents?
  /// Definitions as they were first written, where a cache never looks again.
  var cache: [String: Resource] = [:]
  var commitsCount = 0
  /// What was acknowledged and is still on its way.
  var acknowledged: SimulatedBatchWrite?

  init(planted: Planted?, isShared: Bool, lanes: Int) {
    (self.planted, self.isShared, self.lanes) = (planted, isShared, .all(lanes))
    contents.counters = StoreCounters(lanes: lanes)
  }

  /// Has `owner` alone decide in some lanes, until it ends.
  func lock(_ lanes: LaneSet, for owner: Int) throws(StorageError) {
    try meetLocks(of: lanes, owner)
    if locked.isEmpty { (locked, locker) = (lanes, owner) }
  }

  func meetLocks(of lanes: LaneSet, _ owner: Int) throws(StorageError) {
    guard locker == owner || locked.isDisjoint(with: lanes) else { throw Disk.overtaken }
  }

  func unlock(by owner: Int) {
    if locker == owner { (locked, locker) = (LaneSet(), 0) }
  }

  /// - Parameter known: what the lanes of `changes` must be; nil: whatever they are.
  func write(
    _ changes: ChangeSet, by owner: Int, after known: StoreCounters? = nil
  ) throws(StorageError) -> LogPlace {
    if let known, planted != .unfollowed,
      !contents.counters.isFollowed(by: changes, after: known)
    {
      throw Disk.overtaken
    }
    commitsCount += 1
    let place =
      if let planted { try planted.write(changes, self) } else { try contents.append(changes) }
    if faults.remove(.silent) != nil { return place }
    for (number, listener) in listeners.sorted(by: { $0.key < $1.key }) where number != owner {
      listener(place.state.nextSequence - 1)
    }
    return place
  }

  /// What is left of it when the machine goes down.
  func crash() {
    if let platter { contents = platter }
    platter = nil
    faults.removeAll()
    isFull = false
  }
}
