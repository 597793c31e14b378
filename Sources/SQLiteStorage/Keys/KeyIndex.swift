import Capacity
import CapacityEngine

/// Finds the reservation that an idempotency key stands for, and the reservations of a buyer.
///
/// Keys come in any order, and a tree in their order would be written to at as many places as there are keys. So the newest
/// are in memory only (a reservation carries its key, they are read from there at start); when there are enough of them they
/// are written as a run, sorted, at once; and runs are merged into longer ones beside the lane. A filter for each run keeps
/// the search for a key that is new, which nearly all are, away from the disk. A key lives as long as its reservation.
final class KeyIndex {
  /// Keys that become a run. Writing so many takes about a millisecond.
  static let keysPerRun = 8_192
  /// Neighbours of one size that become one.
  static let runsPerMerge = 8

  private let connection: Connection
  private let stored: StoredRecords
  private let pages: KeyPages
  private let hash: KeyHash
  private let merger: KeyMerger
  private var recent: RecentKeys?
  private(set) var runs: [KeyRun]
  private var nextRun: Int64
  // Where writing a run failed, the next try waits for more keys.
  private var foldAt = KeyIndex.keysPerRun
  private var isMerging = false

  init(
    _ connection: Connection, _ stored: StoredRecords, _ file: ServedFile
  ) throws(StorageError) {
    self.connection = connection
    self.stored = stored
    pages = try KeyPages(connection)
    hash = KeyHash(seed: try stored.identity().namingKey)
    runs = try pages.allRuns()
    nextRun = max(runs.map(\.id).max() ?? 0, try pages.lastRun()) + 1
    merger = KeyMerger(file, retired: Self.unused(runs, before: nextRun))
    do throws(StorageError) {
      _ = try loaded()
    } catch {
      merger.stop()
      throw error
    }
  }

  func close() {
    merger.stop()
  }

  // Pages there are of merges that were interrupted.
  private static func unused(_ runs: [KeyRun], before end: Int64) -> [Range<Int64>] {
    var (unused, next): ([Range<Int64>], Int64) = ([], 1)
    for id in runs.map(\.id).sorted() + [end] {
      if next < id { unused.append(next..<id) }
      next = id + 1
    }
    return unused
  }

  // MARK: Finding

  /// The reservation of `key`; nil: there is none.
  func number(of key: IdempotencyKey) throws(StorageError) -> UInt64? {
    let hash = hash.hash(of: key)
    let recent = try loaded()
    for number in recent.numbers(hash) {
      if try isOf(key, number) { return number }
    }
    for index in runs.indices(mayHave: hash) {
      for number in try numbers(runs[index], hash...hash) {
        if try isOf(key, number) { return number }
      }
    }
    return nil
  }

  /// Hands over what may be reservations of the buyer with a number below `number`, newest first, until `body` says that
  /// it has enough.
  func visit(
    buyer: String, before number: UInt64, _ body: (UInt64) throws(StorageError) -> Bool
  ) throws(StorageError) {
    let range = hash.range(ofBuyer: buyer)
    for found in try loaded().numbers(range).sorted(by: >) where found < number {
      guard try body(found) else { return }
    }
    for (index, run) in runs.enumerated().reversed() {
      let first = index == 0 ? 0 : runs[index - 1].lastNumber + 1
      guard first < number else { continue }
      for found in try numbers(run, range).sorted(by: >) where found < number {
        guard try body(found) else { return }
      }
    }
  }

  private func numbers(
    _ run: KeyRun, _ range: ClosedRange<UInt64>
  ) throws(StorageError) -> [UInt64] {
    var numbers: [UInt64] = []
    for index in run.pages(range) {
      for entry in try pages.entries(run, index) where range.contains(entry.hash) {
        numbers.append(entry.number)
      }
    }
    return numbers
  }

  private func isOf(_ key: IdempotencyKey, _ number: UInt64) throws(StorageError) -> Bool {
    try stored.reservation(number)?.key == key
  }

  // MARK: Keeping up

  /// Nobody may use a key for two reservations.
  ///
  /// - Parameter new: keys that were looked up and were not there. They are not looked up again where those to be written come in the
  ///   same order.
  func refuse(
    _ keys: [(key: IdempotencyKey, number: UInt64)], butFor new: [IdempotencyKey]
  ) throws(StorageError) {
    // Of those that are new, where the next one is looked for.
    var rest = new.startIndex
    let (keys, new) = (keys.span, new.span)
    for index in keys.indices where keys[index].key.isOfReservation {
      if let place = (rest..<new.count).first(where: { new[$0] == keys[index].key }) {
        rest = place + 1
        continue
      }
      guard let known = try number(of: keys[index].key), known != keys[index].number else {
        continue
      }
      throw StorageError(
        .conflict, "the idempotency key \(keys[index].key.key) is already written")
    }
  }

  /// Takes the keys of reservations that have been committed; new ones have higher numbers than all before.
  func add(_ reservations: [Reservation]) {
    let known = max(recent?.lastNumber ?? 0, runs.last?.lastNumber ?? 0)
    let reservations = reservations.span
    for index in reservations.indices where reservations[index].number > known {
      let entry = KeyEntry(
        hash: hash.hash(of: reservations[index]), number: reservations[index].number)
      recent?.insert(entry)
    }
    replaceMerged()
    if let recent, recent.count >= foldAt { fold(recent) }
  }

  /// A commit has failed, and may be written all the same: what is newest is read anew.
  func forgetRecent() {
    recent = nil
  }

  private func loaded() throws(StorageError) -> RecentKeys {
    if let recent { return recent }
    var keys = RecentKeys()
    var last = runs.last?.lastNumber ?? 0
    while true {
      let page = try stored.reservations(after: last, limit: Self.keysPerRun, holdingOnly: false)
      for reservation in page {
        keys.insert(KeyEntry(hash: hash.hash(of: reservation), number: reservation.number))
      }
      guard let end = page.last, page.count == Self.keysPerRun else { break }
      last = end.number
      // Inside a transaction, where a commit failed before, and on a full disk it waits for a later commit.
      if !connection.isInTransaction, let rest = try? folded(keys) { keys = rest }
    }
    recent = keys
    return keys
  }

  // What fails here is tried again later; until then the keys stay where they are.
  private func fold(_ keys: RecentKeys) {
    if let rest = try? folded(keys) {
      recent = rest
      foldAt = Self.keysPerRun
    } else {
      foldAt = keys.count + Self.keysPerRun / 8
    }
  }

  private func folded(_ keys: RecentKeys) throws(StorageError) -> RecentKeys {
    let id = nextRun
    nextRun += 1
    let run = try connection.transaction { () throws(StorageError) -> KeyRun in
      let sorted = keys.sorted
      var writer = KeyRunWriter(
        pages, id: id, lastNumber: keys.lastNumber, count: sorted.count)
      try writer.append(sorted)
      return try writer.finish()
    }
    runs.append(run)
    mergeNeighbours()
    return RecentKeys()
  }

  // MARK: Merging

  private func mergeNeighbours() {
    guard !isMerging, let group = neighbours() else { return }
    isMerging = true
    let before = runs.prefix { $0.id != group.first?.id }.last
    merger.merge(KeyMerger.Job(id: nextRun, runs: group, after: before?.lastNumber ?? 0))
    nextRun += 1
  }

  // The oldest group that is large enough. Smaller ones before it, of which retention has taken keys, belong to it.
  private func neighbours() -> [KeyRun]? {
    var group: [KeyRun] = []
    var size = 0
    for run in runs {
      if Self.size(run) < size { group = [] }
      size = Self.size(run)
      group.append(run)
      if group.count == Self.runsPerMerge { return group }
    }
    return nil
  }

  /// How often a run of the smallest size was merged to make it.
  private static func size(_ run: KeyRun) -> Int {
    let smallest = max(1, run.count / keysPerRun)
    return (Int.bitWidth - 1 - smallest.leadingZeroBitCount) / runsPerMerge.trailingZeroBitCount
  }

  private func replaceMerged() {
    guard isMerging, let outcome = merger.takeOutcome() else { return }
    isMerging = false
    guard let merged = outcome.merged else { return }
    let old = Set(outcome.job.runs.map(\.id))
    guard let first = runs.firstIndex(where: { old.contains($0.id) }) else { return }
    runs.replaceSubrange(first..<first + old.count, with: [merged])
    merger.retire(outcome.job.runs)
    mergeNeighbours()
  }
}
