package import Capacity

/// The storage port: what the engine needs of a store. It knows records, not rules.
///
/// One thread, the lane's, owns a storage and calls it; nothing here is called from two threads. Every adapter passes
/// the one contract suite in Tests/StorageTests.
package protocol Storage: StoredContents {
  /// Who else writes to the store.
  var ownership: StorageOwnership { get }

  /// Begins a unit of work and reads the records that `names` names, safe against other writers until it ends.
  func begin(reading names: RecordNames) throws(StorageError) -> any UnitOfWork

  /// The same on a store that others write to as well; the unit tells in its `news` what they did behind `known`.
  ///
  /// - Throws: `conflict` where others kept it from beginning; it can begin again.
  func begin(
    _ access: StorageAccess, reading names: RecordNames, after known: StoreCounters
  ) throws(StorageError) -> any UnitOfWork

  /// Begins a batch for which the store is asked nothing before it is written; nil: this store has no such thing.
  func beginOptimistic() throws(StorageError) -> (any OptimisticWork)?

  /// From now on `told` is called, from any thread, with the last event of the store when others may have written. It may come
  /// late or be missing: who must know asks.
  func onNews(_ told: @escaping @Sendable (_ position: UInt64) -> Void)

  /// Reservations with a number below `number` (nil: from the last), descending, at most `limit`; of one buyer those that
  /// its keys stand for, with `holdingOnly` those that still hold units.
  func reservations(
    before number: UInt64?, limit: Int, ofBuyer buyerID: String?, holdingOnly: Bool
  ) throws(StorageError) -> [Reservation]

  /// Opens the log of the same store for another thread, while this is open.
  var openLog: EventLogOpener { get }

  /// Ends the use of the store. Nothing else is called afterwards.
  func close()
}

/// What only stores that several nodes write to do in a way of their own.
extension Storage {
  package func begin(
    _ access: StorageAccess, reading names: RecordNames, after known: StoreCounters
  ) throws(StorageError) -> any UnitOfWork {
    try begin(reading: names)
  }

  package func beginOptimistic() throws(StorageError) -> (any OptimisticWork)? { nil }

  package func onNews(_ told: @escaping @Sendable (_ position: UInt64) -> Void) {}
}

/// Records locked or versioned against other writers, until committed or dropped.
package protocol UnitOfWork: AnyObject {
  /// What `begin` read.
  var records: Records { get }

  /// Reads more, for what the first read revealed.
  func load(_ names: RecordNames) throws(StorageError) -> Records

  /// Writes all of `changes`, atomically and durably: when it returns they survive a crash, when it throws the caller
  /// must treat them as not written.
  /// - Returns: where they stand in the log.
  @discardableResult func commit(_ changes: ChangeSet) throws(StorageError) -> LogPlace

  /// What others did; nil on a store that nobody else writes to.
  var news: StorageNews? { get }

  /// Ends it without writing, where it was not committed: what it locked is free.
  func end()
}

extension UnitOfWork {
  package var news: StorageNews? { nil }
  package func end() {}
}

/// A batch on a shared store that is decided on what memory knows, and fails where that is not true any more (optimistic
/// concurrency control). It can be written on another thread, while the lane decides the next.
package protocol OptimisticWork: AnyObject {
  /// What there is to do for `changes`. It is carried out once, on any thread, and then `finish` is told how that went; meanwhile
  /// nothing else is asked of the storage.
  ///
  /// - Parameter known: the store's counters, as the batch before leaves them.
  func prepare(_ changes: ChangeSet, after known: StoreCounters) -> any BatchWrite

  /// The write of `changes` is over; with an error, nothing of it is left open.
  func finish(_ changes: ChangeSet, _ error: StorageError?)
}

/// The part of a commit that needs nothing of the lane.
package protocol BatchWrite: Sendable {
  /// Writes all of it, atomically and durably; when it throws it must be treated as not written.
  ///
  /// - Returns: where it stands in the log.
  /// - Throws: `conflict` where a lane of the batch is not as it was known, or a new key is not new.
  func run() throws(StorageError) -> LogPlace
}

/// Where a batch stands in the log. It appends to it at the very end of its transaction, so batches of other lanes may have come
/// between what it knew and itself.
package struct LogPlace: Sendable {
  /// The first of its events; what there was next, where it has none.
  package var first: UInt64
  /// The store's counters as the batch left them.
  package var state: StoreCounters
  /// What others wrote between what the batch knew and itself, in order and without a gap; where there is more, its beginning.
  package var others: [Event]

  package init(first: UInt64, state: StoreCounters, others: [Event] = []) {
    (self.first, self.state, self.others) = (first, state, others)
  }

  /// Nothing has come between.
  package init(asKnownTo changes: ChangeSet) {
    self.init(first: changes.firstSequence, state: changes.counters)
  }
}

/// What a unit of work on a shared store is for.
package enum StorageAccess: Equatable, Sendable {
  /// Everything is read in one state of the store; nobody is kept waiting, and nothing can be committed.
  case reading
  /// Nobody else decides in these lanes until it ends; `withAudit`: nor appends to the log and to the lanes' chain of the audit log.
  case writing(LaneSet, withAudit: Bool)

  /// The whole store is for this unit alone, whatever number of lanes it has.
  package static let writingAlone = StorageAccess.writing(
    .all(LaneSet.countMax), withAudit: true)

  package var isWriting: Bool { self != .reading }
}

/// How things stood on a shared store when a unit of work had begun.
package struct StorageNews: Sendable {
  /// The store's counters.
  package var counters: StoreCounters
  /// The store's own clock, which all of its nodes decide by; read after the lock.
  package var now: Instant
  /// The last event that the caller knew, as the store has it; nil where it is not in the log.
  package var known: Event?
  /// What others wrote behind what the caller knew, in order and without a gap; where there is more, its beginning.
  package var events: [Event]

  /// - Parameters:
  ///   - page: events behind `start(known)`, at most `pageMax`.
  ///   - known: what the caller knew.
  package init(counters: StoreCounters, now: Instant, page: [Event], after known: StoreCounters) {
    self.counters = counters
    self.now = now
    // Others may have gone on in other lanes since the counters were read.
    let page = page.filter { $0.sequence < counters.nextSequence }
    let isKnown = page.first.map { $0.sequence < known.nextSequence } ?? false
    self.known = isKnown ? page.first : nil
    events = Array(page.dropFirst(isKnown ? 1 : 0))
  }

  /// Events that an adapter reads for it at most.
  package static let pageMax = EventFeed.pageMax + 1

  /// The event behind which an adapter reads.
  package static func start(_ known: StoreCounters) -> UInt64 {
    known.nextSequence > 2 ? known.nextSequence - 2 : 0
  }
}

/// Who else writes to a store.
package enum StorageOwnership: Sendable {
  /// This process alone: records may be kept in memory between batches.
  case exclusive
  /// Other nodes too: before each batch a lane takes over what they wrote.
  case shared
}

/// What a store is given when it is created.
package struct StoreIdentity: Equatable, Sendable {
  /// The key of the permutations that spell reservation ids and codes.
  package var namingKey: UInt64

  package init(namingKey: UInt64) {
    self.namingKey = namingKey
  }
}
