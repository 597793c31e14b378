import Capacity
import CapacityEngine

/// A simulated durable store: what survives a crash, what can go wrong with it, and a diary of what was tried.
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
  }

  /// What the present turn did to the store, in order.
  enum Act {
    case failed
    case written(ChangeSet, reportedAs: Bool)
    /// Everything was read anew.
    case reread
  }

  var contents = DiskContents()
  var faults: Set<Fault> = []
  var isFull = false
  var acts: [Act] = []
  /// Whoever opened it last; a storage of before writes no more.
  var owner = 0
  /// A commit of a turn that the node does not survive.
  var diesAt: DyingMoment?
  var isDead = false
  let planted: Planted?
  /// What is really on the platter, where commits are kept from it.
  var platter: DiskContents?
  /// Rows as they were first written, where a cache never looks again.
  var firstRows: [UInt64: Reservation] = [:]
  var commitsCount = 0

  enum DyingMoment { case beforeWriting, afterWriting }

  init(planted: Planted?) {
    self.planted = planted
  }

  static let gone = StorageError(.unavailable, "the disk does not answer")
  static let full = StorageError(.unavailable, "the disk is full")

  func meet(_ fault: Fault) throws(StorageError) {
    if isDead { throw Self.gone }
    guard faults.remove(fault) != nil else { return }
    acts.append(.failed)
    throw Self.gone
  }

  func commit(_ changes: ChangeSet) throws(StorageError) {
    if isDead { throw Self.gone }
    if diesAt == .beforeWriting { try die() }
    if isFull {
      acts.append(.failed)
      throw Self.full
    }
    try meet(.lost)
    commitsCount += 1
    let isTorn = faults.remove(.torn) != nil
    try write(changes)
    acts.append(.written(changes, reportedAs: !isTorn && diesAt == nil))
    if diesAt == .afterWriting { try die() }
    if isTorn { throw Self.gone }
  }

  /// What is left of it when the machine goes down.
  func crash() {
    if let platter { contents = platter }
    platter = nil
    isDead = false
    diesAt = nil
    faults.removeAll()
    acts.removeAll()
  }

  private func die() throws(StorageError) {
    isDead = true
    throw Self.gone
  }

  private func write(_ changes: ChangeSet) throws(StorageError) {
    guard let planted else { return try contents.apply(changes) }
    try planted.write(changes, self)
  }
}
