/// Which reservations are wanted: those that match everything that is set.
package struct ReservationFilter: Equatable, Sendable {
  /// Empty: anybody's.
  package var buyerID: String
  /// With a line of this product; empty: of any.
  package var productID: String
  /// With a line in this slot; empty: in any.
  package var slot: String
  /// With a line of one of these sellers; empty: of any.
  package var sellerIDs: Set<String>
  /// Empty: in any state.
  package var states: Set<Reservation.State>

  package init(
    buyerID: String = "", productID: String = "", slot: String = "",
    sellerIDs: Set<String> = [], states: Set<Reservation.State> = []
  ) {
    self.buyerID = buyerID
    self.productID = productID
    self.slot = slot
    self.sellerIDs = sellerIDs
    self.states = states
  }

  /// Whether only reservations that still hold something are wanted.
  package var wantsHoldingOnly: Bool { states == [.held] }

  package func matches(_ reservation: Reservation) -> Bool {
    guard buyerID.isEmpty || reservation.buyerID == buyerID,
      states.isEmpty || states.contains(reservation.state)
    else { return false }
    // One line has to match everything that is asked of lines.
    return reservation.lines.contains { line in
      (productID.isEmpty || line.productID == productID) && (slot.isEmpty || line.slot == slot)
        && (sellerIDs.isEmpty || sellerIDs.contains(line.sellerID))
    }
  }
}
