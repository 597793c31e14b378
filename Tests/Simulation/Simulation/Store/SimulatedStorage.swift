import Capacity
import CapacityEngine

/// The adapter of the storage port that stands on a `Disk`.
final class SimulatedStorage: Storage {
  /// When in a commit a node dies.
  enum DyingMoment { case beforeWriting, afterWriting }

  // Small, so that a node often has to read on.
  private static let newsMax = 4

  let disk: Disk
  let owner: Int
  let diary: Diary
  /// A commit that the node does not survive.
  var diesAt: DyingMoment?
  private(set) var isDead = false
  // One state of a shared store, as a unit of work that only reads sees it.
  private var snapshot: DiskContents?
  // Nobody comes between while a batch has the audit log.
  private var hasAudit = false
  // A batch is open that has its lanes for itself and has written nothing.
  private var isDeciding = false

  init(_ disk: Disk, _ diary: Diary) {
    disk.owner += 1
    (self.disk, self.diary, owner) = (disk, diary, disk.owner)
  }

  var ownership: StorageOwnership { disk.isShared ? .shared : .exclusive }
  var contents: DiskContents { snapshot ?? disk.contents }

  /// Does what is armed for a call, if anything.
  func meet(_ fault: Disk.Fault) throws(StorageError) {
    if isDead {
      diary.add(.failed)
      throw Disk.gone
    }
    guard disk.isShared || owner == disk.owner else { throw Disk.taken }
    guard disk.faults.remove(fault) != nil else { return }
    diary.add(.failed)
    throw Disk.gone
  }

  // MARK: Units of work

  func begin(reading names: RecordNames) throws(StorageError) -> any UnitOfWork {
    try meet(.unreadable)
    return SimulatedUnitOfWork(self, records(names), news: nil)
  }

  func begin(
    _ access: StorageAccess, reading names: RecordNames, after known: StoreCounters
  ) throws(StorageError) -> any UnitOfWork {
    try meet(.unreadable)
    var lanes: LaneSet?
    if case .writing(let wanted, let withAudit) = access {
      try meetOthers()
      let own = wanted.intersection(disk.lanes)
      try lock(own)
      (lanes, hasAudit, isDeciding) = (own, withAudit, true)
    } else {
      snapshot = disk.contents
    }
    diary.add(.began(disk.clock.now, memory: known.lastDecision, lanes: lanes))
    let news = StorageNews(
      counters: contents.counters, now: disk.clock.now,
      page: Array(contents.events(after: StorageNews.start(known), limit: Self.newsMax)),
      after: known)
    return SimulatedUnitOfWork(self, records(names), news: news)
  }

  // Before it may write.
  private func meetOthers() throws(StorageError) {
    if disk.faults.contains(.conflict) {
      disk.conflictsLeft -= 1
      if disk.conflictsLeft <= 0 { disk.faults.remove(.conflict) }
      diary.add(.overtaken)
      throw Disk.overtaken
    }
    disk.beforeLock?(owner)
    if isDead { throw Disk.gone }
  }

  private func lock(_ lanes: LaneSet) throws(StorageError) {
    do throws(StorageError) {
      try disk.lock(lanes, for: owner)
    } catch {
      diary.add(.overtaken)
      throw error
    }
  }

  func beginOptimistic() throws(StorageError) -> (any OptimisticWork)? {
    try meet(.unreadable)
    return SimulatedOptimisticWork(self)
  }

  // While a batch is open, others may write in other lanes.
  private func letOthersCome() {
    if isDeciding, !hasAudit { disk.beforeAppend?(owner) }
  }

  func endUnit() {
    (snapshot, isDeciding) = (nil, false)
    disk.unlock(by: owner)
  }

  func commit(_ changes: ChangeSet) throws(StorageError) -> LogPlace {
    letOthersCome()
    isDeciding = false
    if diesAt == .beforeWriting { try die() }
    if disk.isFull, !isDead {
      diary.add(.failed)
      throw Disk.full
    }
    try meet(.lost)
    let isTorn = disk.faults.remove(.torn) != nil
    let place = try disk.write(changes, by: owner)
    diary.add(.written(changes, place, reportedAs: !isTorn && diesAt == nil))
    if diesAt == .afterWriting { try die() }
    if isTorn { throw Disk.gone }
    return place
  }

  /// Writes a batch that was decided ahead, if its lanes are as they were `known`.
  func write(
    _ changes: ChangeSet, _ batch: SentBatch, after known: StoreCounters
  ) throws(StorageError) -> LogPlace {
    do throws(StorageError) {
      if diesAt == .beforeWriting { try die() }
      if isDead { throw Disk.gone }
      try meetOthers()
      try disk.meetLocks(of: changes.lanes, owner)
      try mayBeWritten()
      let isTorn = disk.faults.remove(.torn) != nil
      let place = try disk.write(changes, by: owner, after: known)
      diary.add(.wroteAhead(batch, changes, place, reportedAs: !isTorn && diesAt == nil))
      if diesAt == .afterWriting { try die() }
      if isTorn { throw Disk.gone }
      return place
    } catch {
      diary.add(.failedAhead(batch, isRefused: error.kind == .conflict))
      throw error
    }
  }

  private func mayBeWritten() throws(StorageError) {
    if disk.isFull { throw Disk.full }
    if disk.faults.remove(.lost) != nil { throw Disk.gone }
  }

  private func die() throws(StorageError) {
    isDead = true
    throw Disk.gone
  }

  func records(_ names: RecordNames) -> Records {
    contents.records(names)
  }

  func onNews(_ told: @escaping @Sendable (_ position: UInt64) -> Void) {
    disk.listeners[owner] = told
  }

  func close() {
    disk.listeners[owner] = nil
  }

  // MARK: Reading

  func identity() throws(StorageError) -> StoreIdentity { StoreIdentity(namingKey: 7) }

  func counters() throws(StorageError) -> StoreCounters {
    try meet(.laneUnreadable)
    return contents.counters
  }

  func catalogue() throws(StorageError) -> (resources: [Resource], products: [Product]) {
    try meet(.catalogueUnreadable)
    diary.add(.reread)
    let resources = contents.resources.values.sorted { $0.id < $1.id }
    return (
      disk.planted?.aged(resources, disk) ?? resources,
      contents.products.values.sorted { $0.id < $1.id }
    )
  }

  func pools(after key: PoolKey?, limit: Int) throws(StorageError) -> [(key: PoolKey, pool: Pool)] {
    DiskContents.page(contents.pools, after: key, limit: limit)
  }

  func reservations(
    after number: UInt64, limit: Int, holdingOnly: Bool
  ) throws(StorageError) -> [Reservation] {
    contents.reservations(after: number, limit: limit, holdingOnly: holdingOnly)
  }

  func reservations(
    before number: UInt64?, limit: Int, ofBuyer buyerID: String?, holdingOnly: Bool
  ) throws(StorageError) -> [Reservation] {
    try meet(.listUnreadable)
    return contents.reservations(
      before: number, limit: limit, ofBuyer: buyerID, holdingOnly: holdingOnly)
  }

  func events(after sequence: UInt64, limit: Int) throws(StorageError) -> [Event] {
    do throws(StorageError) {
      try meet(.logUnreadable)
    } catch {
      diary.add(.lostTouch)
      throw error
    }
    letOthersCome()
    return Array(contents.events(after: sequence, limit: limit))
  }

  func checkpoint() throws(StorageError) -> LogCheckpoint { contents.checkpoint }

  func balances(
    after key: PoolKey?, limit: Int
  ) throws(StorageError) -> [(key: PoolKey, pool: Pool)] {
    DiskContents.page(contents.balances, after: key, limit: limit)
  }

  func adjustmentKeys(
    after key: IdempotencyKey?, limit: Int
  ) throws(StorageError) -> [(key: IdempotencyKey, number: UInt64)] {
    preconditionFailure("nobody copies a simulated store")
  }

  var openLog: EventLogOpener { { [disk, owner] in SimulatedLog(disk, owner) } }

  func auditHeads() throws(StorageError) -> [AuditChain: AuditHead] {
    contents.auditHeads
  }

  func auditEntries(
    of chain: AuditChain, after sequence: UInt64, limit: Int
  ) throws(StorageError) -> [AuditEntry] {
    contents.auditEntries(of: chain, after: sequence, limit: limit)
  }
}
