internal import Capacity
internal import CupoSchema
internal import Protobuf

extension Capacity.Obstacle {
  var message: CupoSchema.Obstacle {
    var message = CupoSchema.Obstacle()
    message.reason = ErrorTable.reason(for: self)
    message.until = until?.timestamp
    message.subject = subject
    message.description = description
    return message
  }

  /// What it is, for engineers and support.
  private var description: String {
    switch kind {
    case .slotMalformed: "Not the canonical spelling of a slot."
    case .productNotFound: "There is no such product."
    case .noSlotAtTime: "The schedule has no slot there."
    case .slotPast: "The slot has begun, or the day is over."
    case .paused: "Sales are paused; SetPause lifts it."
    case .closed(let reason): "A closure covers it: \(reason.rawValue)."
    case .notYetOnSale: "It is not on sale yet."
    case .saleEnded(let end): "Its sale ended at \(end.text)."
    case .leadTime(let earliest): "Too close: the earliest start on sale now is \(earliest.text)."
    case .cutoffPassed(let cutoff): "It was shut at \(cutoff.text)."
    case .beyondHorizon(let latest): "Too far ahead: the last date on sale now is \(latest)."
    case .belowMinQuantity(let least): "At least \(least) must be taken at once."
    case .aboveMaxQuantity(let most): "At most \(most) can be taken at once."
    case .buyerLimitReached(let most): "The buyer may have \(most) at most."
    case .soldOut: "Nothing is left."
    case .insufficientCapacity(let requested, let available):
      "\(requested) are asked for; \(available) are free."
    case .heldByOthers: "It would fit if every hold ended."
    }
  }
}
