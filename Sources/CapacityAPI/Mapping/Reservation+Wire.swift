internal import Capacity
internal import CupoSchema
internal import Protobuf

extension Capacity.Reservation {
  func message(_ naming: ReservationNaming) -> CupoSchema.Reservation {
    var message = CupoSchema.Reservation()
    message.reservationID = naming.id(of: number)
    message.code = naming.code(of: number)
    message.state = state.message
    message.buyerID = buyerID
    message.reference = reference
    message.lines = lines.map(\.message)
    message.createdAt = createdAt.timestamp
    message.expiresAt = expiresAt.timestamp
    message.closedAt = closedAt?.timestamp
    message.version = version
    message.extensions = UInt32(extensions)
    return message
  }
}

extension Capacity.Reservation.State {
  var message: ReservationState {
    switch self {
    case .held: .held
    case .consumed: .consumed
    case .released: .released
    case .expired: .expired
    case .cancelled: .cancelled
    }
  }
}

extension ReservationLine {
  var message: ReservedLine {
    var message = ReservedLine()
    message.productID = terms.productID
    message.slot = terms.slot
    message.quantity = UInt32(clamping: quantity)
    message.held = UInt32(clamping: held)
    message.consumed = UInt32(clamping: consumed)
    message.released = UInt32(clamping: released + expired + cancelled)
    message.sellerID = terms.sellerID
    message.priceAdjustmentBp = Int32(clamping: terms.pricing.adjustmentBasisPoints)
    message.pricingTriggerIDs = terms.pricing.triggerIDs
    return message
  }
}
