import Capacity

extension Lane {
  /// Answers the lists in `work`, as things were before its commands; what has run out is out.
  func answerLists(_ work: [Work]) throws(StorageError) {
    var answers: [() -> Void] = []
    for case .list(let query, let answer) in work {
      let page = try page(query)
      answers.append { answer(.success(page)) }
    }
    // All or none: who has an answer is not told of a failure as well.
    for answer in answers { answer() }
  }

  private func page(_ query: ReservationQuery) throws(StorageError) -> ReservationPage {
    let scanned = max(query.limit, ReservationQuery.scannedMax)
    let stored = try storage.reservations(
      before: query.before, limit: scanned,
      ofBuyer: query.filter.buyerID.isEmpty ? nil : query.filter.buyerID,
      holdingOnly: query.filter.wantsHoldingOnly)
    var page = ReservationPage(reservations: [], next: nil)
    for record in stored {
      // What is in memory has expired where the stored one has not been told yet.
      let reservation = set.reservation(record.number) ?? record
      guard query.filter.matches(reservation) else { continue }
      page.reservations.append(reservation)
      if page.reservations.count == query.limit {
        page.next =
          record.number == stored.last?.number && stored.count < scanned ? nil : record.number
        return page
      }
    }
    page.next = stored.count < scanned ? nil : stored.last?.number
    return page
  }
}
