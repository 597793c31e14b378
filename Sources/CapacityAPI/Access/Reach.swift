package import Capacity
internal import CupoSchema

/// Whose things one call may touch. Pure: what is asked of it are names.
package struct Reach: Equatable, Sendable {
  /// Everybody's.
  package var isUnbound: Bool
  /// Else, in the role BUYER, this buyer's; nil: no buyer's.
  package var buyerID: String?
  /// Else, in the role SELLER, these sellers'; nil: no seller's.
  package var sellerIDs: Set<String>?

  /// What a command may touch. No RPC that commands has both bounds.
  package var scope: Command.Scope {
    if isUnbound { return .anyone }
    if let buyerID { return .buyer(buyerID) }
    return .sellers(sellerIDs ?? [])
  }

  /// Whether a definition of this seller's may be touched.
  func owns(_ sellerID: String) -> Bool {
    isUnbound || sellerIDs?.contains(sellerID) == true
  }

  /// The sellers that a list is of, where the caller names one or none; empty: all. Who is held to its own sellers is shown
  /// those.
  func sellers(named: String) throws(Refusal) -> Set<String> {
    guard !isUnbound else { return named.isEmpty ? [] : [named] }
    guard let own = sellerIDs, !own.isEmpty, named.isEmpty || own.contains(named) else {
      throw Refusal(.notOwner)
    }
    return named.isEmpty ? own : [named]
  }

  /// What of a reservation may be shown; nil: that it exists must not be known.
  func shown(_ reservation: Capacity.Reservation) -> Capacity.Reservation? {
    if isUnbound || buyerID == reservation.buyerID { return reservation }
    guard let sellerIDs else { return nil }
    var shown = reservation
    shown.lines.removeAll { !sellerIDs.contains($0.sellerID) }
    return shown.lines.isEmpty ? nil : shown
  }
}
