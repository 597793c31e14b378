import Capacity

extension Lane {
  private static let pageSize = 500

  /// Counts the buyers that `commands` and `reads` depend on and that are not known yet.
  func loadBuyers(
    _ commands: some Sequence<Command>, _ reads: some Sequence<ReadQuery>, at now: Instant
  ) throws(StorageError) {
    guard set.catalogue.limitsBuyers else { return }
    set.shedBuyers()
    var needs: [String: Instant] = [:]
    for command in commands { set.addBuyerNeeds(of: command, at: now, to: &needs) }
    for read in reads {
      guard let buyer = read.buyer else { continue }
      set.addNeed(ofBuyer: buyer.id, productID: buyer.productID, at: now, to: &needs)
    }
    for (buyer, since) in needs where !set.knowsBuyer(buyer, since: since) {
      let held = try reservations(of: buyer, since: .distantPast, holdingOnly: true)
      let recent = try reservations(of: buyer, since: since, holdingOnly: false)
      set.load(held + recent, ofBuyer: buyer, since: since)
    }
  }

  // Newest first: numbers grow with time.
  private func reservations(
    of buyer: String, since: Instant, holdingOnly: Bool
  ) throws(StorageError) -> [Reservation] {
    var found: [Reservation] = []
    var last: UInt64?
    while true {
      let page = try storage.reservations(
        before: last, limit: Self.pageSize, ofBuyer: buyer, holdingOnly: holdingOnly)
      // What is in memory has expired where the stored one has not been told yet.
      found += page.lazy.filter { $0.createdAt >= since }
        .map { self.set.reservation($0.number) ?? $0 }
      guard let oldest = page.last, page.count == Self.pageSize, oldest.createdAt >= since else {
        return found
      }
      last = oldest.number
    }
  }
}
