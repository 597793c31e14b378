package import Capacity

/// Reads from a store what a lane that owns it keeps in memory: the catalogue, every pool, every live reservation.
package enum WarmUp {
  private static let pageSize = 10_000

  /// - Throws: what the store throws; `corrupt` for a resource whose time zone is not known here.
  package static func workingSet(
    of storage: any Storage, zone: (String) -> Zone?
  ) throws(StorageError) -> WorkingSet {
    // Where others write it is read in one state.
    let unit: (any UnitOfWork)? =
      storage.ownership == .shared
      ? try storage.begin(
        .reading, reading: RecordNames(), after: StoreCounters(nextSequence: .max))
      : nil
    defer { unit?.end() }
    var set = WorkingSet(counters: try storage.counters())
    let pools = try StoredPools(of: storage)
    let catalogue = try storage.catalogue()
    for resource in catalogue.resources {
      guard let zone = zone(resource.timeZone) else {
        throw StorageError(
          .corrupt,
          "resource \(resource.id) has the time zone \(resource.timeZone), which this system lacks")
      }
      set.load(resource, zone: zone)
    }
    for product in catalogue.products { set.load(product) }
    try pools.each { (key, pool, isWritten) in set.load(pool, for: key, isWritten: isWritten) }
    try loadHolds(storage, &set)
    return set
  }

  private static func loadHolds(
    _ storage: any Storage, _ set: inout WorkingSet
  ) throws(StorageError) {
    var last: UInt64 = 0
    while true {
      var page = try storage.reservations(after: last, limit: pageSize, holdingOnly: true)
      guard let end = page.last else { return }
      last = end.number
      let isLast = page.count < pageSize
      // Taken out of the page, each is the set's alone and need not be copied.
      page.reverse()
      while let reservation = page.popLast() { set.load(reservation) }
      if isLast { return }
    }
  }
}
