/// Taking over what another node of the same store has decided. An event carries everything as it stood after it, so following
/// the log is all that it takes to stay in step.
extension WorkingSet {
  /// Takes over `event`. No batch may be open.
  ///
  /// - Parameter zone: finds a time zone by its IANA name.
  /// - Returns: false where the event does not carry on from here or does not say all that it changed: the store must be
  ///   read anew then.
  package mutating func follow(_ event: Event, zone: (String) -> Zone?) -> Bool {
    precondition(!hasChanges, "a batch is open")
    guard event.sequence == counters.nextSequence, apply(event, zone) else { return false }
    counters.nextSequence += 1
    return true
  }

  mutating func apply(_ event: Event, _ zone: (String) -> Zone?) -> Bool {
    guard event.kind != .repaired else { return false }
    if case .gap = event.subject { return false }
    for movement in event.movements { follow(movement, event.sequence) }
    switch event.subject {
    case .reservation(let reservation): follow(reservation)
    case .product(let product): follow(product)
    case .resource(let resource):
      guard let zone = zone(resource.timeZone) else { return false }
      catalogue.put(resource, zone: zone)
    case .pool, .gap: break
    }
    return true
  }

  /// Takes over the store's counters, once all events are followed.
  package mutating func follow(_ state: StoreCounters) {
    precondition(state.nextSequence == counters.nextSequence, "events are missing")
    counters.nextReservation = state.nextReservation
    counters.audit = state.audit
    for number in lanes.indices { follow(state.marks[number], of: number) }
  }

  // Readers may have been told of a later decision, and what is promised stays promised.
  mutating func follow(_ mark: LaneMark, of number: Int) {
    // Whoever decided then has told of triggers up to there.
    setTriggersTold(mark.lastDecision, in: number)
    let known = counters.marks[number]
    counters.marks[number] = mark
    counters.marks[number].lastDecision = max(mark.lastDecision, known.lastDecision)
    counters.marks[number].poolsWrittenTo = max(mark.poolsWrittenTo, known.poolsWrittenTo)
    if counters.marks[number].isWritten { lanes[number].sweep.forget() }
  }

  // What holds nothing is no longer kept: who names it has it loaded.
  private mutating func follow(_ reservation: Reservation) {
    let kept = reservation.isHolding ? reservation : nil
    reindex(reservations.update(kept, at: reservation.number), reservation)
    if !buyers.isEmpty { buyers[reservation.buyerID]?.note(reservation, in: catalogue) }
  }

  private mutating func follow(_ product: Product) {
    if limitsBuyers(product.id) != product.limits.concernBuyers { buyers.removeAll() }
    catalogue.put(product)
  }

  private mutating func follow(_ movement: Movement, _ sequence: UInt64) {
    if pools[movement.pool] != nil {
      pools[movement.pool]?.pool = movement.balance
    } else if movement.balance != .untouched {
      load(movement.balance, for: movement.pool)
    } else {
      return
    }
    markUnwritten(movement.pool, at: sequence)
  }
}
