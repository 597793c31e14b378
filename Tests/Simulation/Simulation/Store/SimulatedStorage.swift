import Capacity
import CapacityEngine

/// The adapter of the storage port that stands on a `Disk`.
final class SimulatedStorage: Storage {
  private let disk: Disk
  private let owner: Int

  init(_ disk: Disk) {
    disk.owner += 1
    (self.disk, owner) = (disk, disk.owner)
  }

  var ownership: StorageOwnership { .exclusive }

  func identity() throws(StorageError) -> StoreIdentity { StoreIdentity(namingKey: 7) }

  func lane() throws(StorageError) -> LaneState {
    try disk.meet(.laneUnreadable)
    return disk.contents.lane
  }

  func begin(reading names: RecordNames) throws(StorageError) -> any UnitOfWork {
    try disk.meet(.unreadable)
    return SimulatedUnitOfWork(disk, owner, records(names))
  }

  func catalogue() throws(StorageError) -> (resources: [Resource], products: [Product]) {
    try disk.meet(.catalogueUnreadable)
    disk.acts.append(.reread)
    return (
      disk.contents.resources.values.sorted { $0.id < $1.id },
      disk.contents.products.values.sorted { $0.id < $1.id }
    )
  }

  func pools(after key: PoolKey?, limit: Int) throws(StorageError) -> [(key: PoolKey, pool: Pool)] {
    if disk.isDead { throw Disk.gone }
    return DiskContents.page(disk.contents.pools, after: key, limit: limit)
  }

  func reservations(
    after number: UInt64, limit: Int, holdingOnly: Bool
  ) throws(StorageError) -> [Reservation] {
    if disk.isDead { throw Disk.gone }
    return disk.contents.reservations(after: number, limit: limit, holdingOnly: holdingOnly)
  }

  func reservations(
    before number: UInt64?, limit: Int, ofBuyer buyerID: String?, holdingOnly: Bool
  ) throws(StorageError) -> [Reservation] {
    try disk.meet(.listUnreadable)
    return disk.contents.reservations(
      before: number, limit: limit, ofBuyer: buyerID, holdingOnly: holdingOnly)
  }

  func events(after sequence: UInt64, limit: Int) throws(StorageError) -> [Event] {
    Array(disk.contents.events(after: sequence, limit: limit))
  }

  func checkpoint() throws(StorageError) -> LogCheckpoint { disk.contents.checkpoint }

  func balances(
    after key: PoolKey?, limit: Int
  ) throws(StorageError) -> [(key: PoolKey, pool: Pool)] {
    DiskContents.page(disk.contents.balances, after: key, limit: limit)
  }

  var openLog: EventLogOpener { { [disk, owner] in SimulatedLog(disk, owner) } }

  func close() {}

  private func records(_ names: RecordNames) -> Records {
    var records = disk.contents.records(names)
    disk.planted?.age(&records, disk)
    return records
  }
}

/// One batch on a `Disk`.
final class SimulatedUnitOfWork: UnitOfWork {
  private let disk: Disk
  private let owner: Int
  let records: Records

  init(_ disk: Disk, _ owner: Int, _ records: Records) {
    (self.disk, self.owner, self.records) = (disk, owner, records)
  }

  func load(_ names: RecordNames) throws(StorageError) -> Records {
    try disk.meet(.unreadable)
    var records = disk.contents.records(names)
    disk.planted?.age(&records, disk)
    return records
  }

  func commit(_ changes: ChangeSet) throws(StorageError) {
    guard owner == disk.owner else { throw StorageError(.inUse, "this disk is another's now") }
    try disk.commit(changes)
  }
}

/// The log of a `Disk`, beside the storage that has it.
final class SimulatedLog: EventLog {
  private let disk: Disk
  private let owner: Int

  init(_ disk: Disk, _ owner: Int) {
    (self.disk, self.owner) = (disk, owner)
  }

  func events(after sequence: UInt64, limit: Int) throws(StorageError) -> [Event] {
    try disk.meet(.logUnreadable)
    return Array(disk.contents.events(after: sequence, limit: limit))
  }

  func bytes(after sequence: UInt64, through last: UInt64) throws(StorageError) -> Int {
    var (body, count): ([UInt8], Int) = ([], 0)
    for event in disk.contents.events(after: sequence, limit: .max) where event.sequence <= last {
      body.removeAll(keepingCapacity: true)
      try RecordCodec.encode(event, into: &body)
      count += body.count
    }
    return count
  }

  func checkpoint() throws(StorageError) -> LogCheckpoint { disk.contents.checkpoint }

  func balances(of keys: Set<PoolKey>) throws(StorageError) -> [PoolKey: Pool] {
    disk.contents.balances.filter { keys.contains($0.key) }
  }

  func write(_ checkpoint: LogCheckpoint, balances: [PoolKey: Pool]) throws(StorageError) {
    try mayWrite()
    disk.contents.checkpoint = checkpoint
    for (key, pool) in balances { disk.contents.balances[key] = pool }
  }

  func trim(limit: Int) throws(StorageError) -> Int {
    try mayWrite()
    return disk.contents.trim(limit: limit)
  }

  private func mayWrite() throws(StorageError) {
    guard owner == disk.owner else { throw StorageError(.inUse, "this disk is another's now") }
    if disk.isDead { throw Disk.gone }
    if disk.isFull { throw Disk.full }
  }
}
