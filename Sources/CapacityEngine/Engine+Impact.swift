package import Capacity

extension Engine {
  // A million reservations; nothing that is booked ahead lies further back.
  private static let visitsMax = 2_000

  /// `impact` with the reservations that are not in memory counted too: all of them from the newest back, until every unit in the
  /// pools that it concerns has its reservation. Between two pages others have their turn.
  package func completed(_ impact: Impact) async throws(EngineError) -> Impact {
    guard let scope = impact.scope else { return impact }
    var complete = impact
    complete.scope = nil
    complete.reservationsAffected = 0
    var rest = scope
    var query = ReservationQuery(
      filter: ReservationFilter(), before: nil, limit: ReservationQuery.scannedMax)
    for _ in 0..<Self.visitsMax {
      let page = try await reservations(query)
      for reservation in page.reservations where scope.concerns(reservation) {
        complete.reservationsAffected += 1
      }
      for reservation in page.reservations { rest.find(reservation) }
      guard let next = page.next, !rest.units.isEmpty else { break }
      query.before = next
    }
    return complete
  }
}
