internal import Capacity
internal import CapacityEngine
internal import CupoSchema
internal import Protobuf

// ListReservations. Reservations are never deleted and their numbers only grow, so a page begins below the last number that
// the page before has looked at: what is reserved meanwhile moves nothing.
extension ReservationHandlers {
  private static let sizeStandard = 100
  // How often one call visits the lane, each time for a bounded number of records. A filter that matches next to nothing is
  // answered with a short page and a token.
  private static let visitsMax = 40

  @Sendable
  func listReservations(
    _ request: ListReservationsRequest, _ caller: Caller
  ) async throws(Refusal) -> ListReservationsResponse {
    let filter = try ReservationFilter(request, caller.reach)
    var query = ReservationQuery(
      filter: filter, before: try start(request, filter),
      limit: request.pageSize == 0 ? Self.sizeStandard : Int(request.pageSize))
    var response = ListReservationsResponse()
    for _ in 0..<Self.visitsMax {
      let page = try await engine.reservations(query, for: caller)
      response.reservations += page.reservations.compactMap {
        caller.reach.shown($0)?.message(engine.naming)
      }
      query.limit -= page.reservations.count
      query.before = page.next
      guard query.before != nil, query.limit > 0 else { break }
    }
    if let next = query.before {
      response.nextPageToken = ListToken.text(
        of: engine.naming.id(of: next), filter: Self.name(of: filter))
    }
    return response
  }

  private func start(
    _ request: ListReservationsRequest, _ filter: ReservationFilter
  ) throws(Refusal) -> UInt64? {
    guard !request.pageToken.isEmpty else { return nil }
    guard let id = ListToken.id(of: request.pageToken, filter: Self.name(of: filter)),
      let number = engine.naming.number(ofID: id)
    else { throw Refusal(.pageTokenInvalid) }
    return number
  }

  // A token is good for the same filters only, in whatever order the states come.
  private static func name(of filter: ReservationFilter) -> String {
    let states = filter.states.map(\.message.rawValue).sorted().map(String.init)
    let sellers = filter.sellerIDs.sorted().joined(separator: " ")
    return ([filter.buyerID, filter.productID, filter.slot, sellers] + states)
      .joined(separator: "\n")
  }
}

extension ReservationFilter {
  fileprivate init(_ request: ListReservationsRequest, _ reach: Reach) throws(Refusal) {
    guard request.slot.isEmpty || ScheduledResource.isSlotSpelling(request.slot) else {
      var refusal = Refusal.violation(
        "slot", "Not the canonical spelling of a slot: \(request.slot)")
      refusal.reason = .slotMalformed
      throw refusal
    }
    var (buyerID, sellerIDs) = (request.buyerID, Set<String>())
    if let own = reach.buyerID, !reach.isUnbound, reach.sellerIDs == nil || request.sellerID.isEmpty
    {
      // Who is a seller too is asked about as one where it names itself as one.
      guard buyerID.isEmpty || buyerID == own else { throw Refusal(.notOwner) }
      buyerID = own
      if !request.sellerID.isEmpty { sellerIDs = [request.sellerID] }
    } else {
      sellerIDs = try reach.sellers(named: request.sellerID)
    }
    self.init(
      buyerID: buyerID, productID: request.productID, slot: request.slot, sellerIDs: sellerIDs,
      states: Set(request.states.compactMap(Capacity.Reservation.State.init)))
  }
}

extension Capacity.Reservation.State {
  fileprivate init?(_ message: ReservationState) {
    switch message {
    case .held: self = .held
    case .consumed: self = .consumed
    case .released: self = .released
    case .expired: self = .expired
    case .cancelled: self = .cancelled
    default: return nil
    }
  }
}
