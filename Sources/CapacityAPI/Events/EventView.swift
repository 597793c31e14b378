internal import Capacity
internal import CapacityEngine
internal import CupoSchema
internal import Protobuf

/// How one reader sees the log: which events, and of a seller's what is its own.
struct EventView {
  private let filter: EventFilter
  private let catalogue: Catalogue
  private let naming: ReservationNaming

  init(_ filter: EventFilter, in catalogue: Catalogue, _ naming: ReservationNaming) {
    self.filter = filter
    self.catalogue = catalogue
    self.naming = naming
  }

  /// Nil: not for this reader.
  func message(of event: Capacity.Event) -> CupoSchema.Event? {
    guard filter.types.isEmpty || filter.types.contains(event.kind.message) else { return nil }
    var message = CupoSchema.Event()
    guard fill(&message, event) else { return nil }
    message.sequence = event.sequence
    message.type = event.kind.message
    message.at = event.at.timestamp
    message.actor = event.actor
    // Latches are how the ledger remembers triggers: no pools of anybody's.
    let movements = event.movements.filter {
      $0.pool.latch == nil && isVisible($0.pool.resourceID)
    }
    message.movements = movements.map { $0.message(catalogue) }
    message.balances = movements.map { $0.balanceMessage(catalogue, at: event.at) }
    return message
  }

  // Answers whether the event concerns the reader.
  private func fill(_ message: inout CupoSchema.Event, _ event: Capacity.Event) -> Bool {
    switch event.subject {
    case .reservation(let reservation):
      message.subject = naming.id(of: reservation.number)
      var own = reservation
      own.lines.removeAll { !isOwn($0.sellerID) }
      message.reservation = own.message(naming)
      return !own.lines.isEmpty
    case .resource(let resource):
      message.subject = resource.id
      message.resource = resource.message
      return isOwn(resource.sellerID)
    case .product(let product):
      message.subject = product.id
      if [.pricingTriggerOn, .pricingTriggerOff].contains(event.kind) {
        message.triggerID = event.reason
      } else {
        message.product = product.message
      }
      return isOwn(product.sellerID)
    case .pool(let resourceID):
      // Of a latch that was repaired: whose it is.
      let product = PoolKey(resourceID: resourceID, ordinal: 0).latch
        .flatMap { catalogue.product($0.productID) }
      message.subject = product?.id ?? resourceID
      return product.map { isOwn($0.sellerID) } ?? isVisible(resourceID)
    case .gap:
      // Whose the missing events were, nobody knows.
      return filter.sellerIDs.isEmpty
    }
  }

  private func isOwn(_ owner: String) -> Bool {
    filter.sellerIDs.isEmpty || filter.sellerIDs.contains(owner)
  }

  private func isVisible(_ resourceID: String) -> Bool {
    guard !filter.sellerIDs.isEmpty else { return true }
    return catalogue.resource(resourceID).map { isOwn($0.resource.sellerID) } ?? false
  }
}

extension Capacity.Event.Kind {
  var message: CupoSchema.EventType {
    switch self {
    case .reservationHeld: .reservationHeld
    case .reservationConsumed: .reservationConsumed
    case .reservationReleased: .reservationReleased
    case .reservationExtended: .reservationExtended
    case .reservationExpired: .reservationExpired
    case .reservationCancelled: .reservationCancelled
    case .resourceChanged: .resourceChanged
    case .productChanged: .productChanged
    case .stockAdjusted: .stockAdjusted
    case .pricingTriggerOn: .pricingTriggerOn
    case .pricingTriggerOff: .pricingTriggerOff
    case .capacityOvercommitted: .capacityOvercommitted
    case .repaired: .repaired
    }
  }
}

extension Capacity.Movement {
  func message(_ catalogue: Catalogue) -> CupoSchema.Movement {
    var message = CupoSchema.Movement()
    message.resourceID = pool.resourceID
    message.slot = slot(catalogue)
    message.limit = limit
    message.held = held
    message.consumed = consumed
    return message
  }

  /// The log has no limits, for they follow from the schedule: what is told is what the present one gives.
  func balanceMessage(_ catalogue: Catalogue, at instant: Instant) -> PoolBalance {
    var message = PoolBalance()
    message.resourceID = pool.resourceID
    message.slot = slot(catalogue)
    switch presentLimit(catalogue, at: instant) {
    case .units(let units): message.limit = units
    case .unlimited: message.unlimited = true
    }
    message.held = balance.held
    message.consumed = balance.consumed
    message.revision = balance.revision
    return message
  }

  private func presentLimit(_ catalogue: Catalogue, at instant: Instant) -> Capacity.Limit {
    guard let scheduled = catalogue.resource(pool.resourceID),
      // Also of a day that is over.
      let place = scheduled.occurrence(ofOrdinal: pool.ordinal, at: .distantPast)
    else { return .units(0) }
    return scheduled.limit(of: place, at: instant)
  }

  private func slot(_ catalogue: Catalogue) -> String {
    catalogue.resource(pool.resourceID)?.slotID(ofOrdinal: pool.ordinal) ?? ""
  }
}
