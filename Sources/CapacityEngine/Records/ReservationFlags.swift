import Capacity

/// Which optional fields a reservation's body has, and its yes or no ones.
struct ReservationFlags: OptionSet {
  let rawValue: UInt8

  static let requestedTTL = ReservationFlags(rawValue: 1)
  static let closedAt = ReservationFlags(rawValue: 2)
  static let reacquired = ReservationFlags(rawValue: 4)
  static let all: ReservationFlags = [.requestedTTL, .closedAt, .reacquired]
}

extension ReservationFlags {
  init(of reservation: Reservation) {
    self = []
    if reservation.requestedTTL != nil { insert(.requestedTTL) }
    if reservation.closedAt != nil { insert(.closedAt) }
    if reservation.reacquired { insert(.reacquired) }
  }
}
