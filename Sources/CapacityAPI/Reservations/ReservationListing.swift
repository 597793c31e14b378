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
    let filter = try ReservationFilter(request)
    var query = ReservationQuery(
      filter: filter, before: try start(request),
      limit: request.pageSize == 0 ? Self.sizeStandard : Int(request.pageSize))
    var response = ListReservationsResponse()
    for _ in 0..<Self.visitsMax {
      let page = try await page(query)
      response.reservations += page.reservations.map { $0.message(engine.naming) }
      query.limit -= page.reservations.count
      query.before = page.next
      guard query.before != nil, query.limit > 0 else { break }
    }
    if let next = query.before {
      response.nextPageToken = ListToken.text(
        of: engine.naming.id(of: next), filter: Self.name(of: request))
    }
    return response
  }

  private func start(_ request: ListReservationsRequest) throws(Refusal) -> UInt64? {
    guard !request.pageToken.isEmpty else { return nil }
    guard let id = ListToken.id(of: request.pageToken, filter: Self.name(of: request)),
      let number = engine.naming.number(ofID: id)
    else { throw Refusal(.pageTokenInvalid) }
    return number
  }

  private func page(_ query: ReservationQuery) async throws(Refusal) -> ReservationPage {
    do throws(EngineError) {
      return try await engine.reservations(query)
    } catch {
      throw ErrorTable.refusal(for: error)
    }
  }

  // A token is good for the same filters only, in whatever order the states come.
  private static func name(of request: ListReservationsRequest) -> String {
    let states = Set(request.states.map(\.rawValue)).sorted().map(String.init)
    return ([request.buyerID, request.productID, request.slot, request.sellerID] + states)
      .joined(separator: "\n")
  }
}

extension ReservationFilter {
  fileprivate init(_ request: ListReservationsRequest) throws(Refusal) {
    guard request.slot.isEmpty || ScheduledResource.isSlotSpelling(request.slot) else {
      var refusal = Refusal.violation(
        "slot", "Not the canonical spelling of a slot: \(request.slot)")
      refusal.reason = .slotMalformed
      throw refusal
    }
    self.init(
      buyerID: request.buyerID, productID: request.productID, slot: request.slot,
      sellerID: request.sellerID,
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
