/// What the open batch changed: each record as it was before, and the events in their order.
struct Journal {
  var lane: LaneState?
  var pools: [PoolKey: Pool?] = [:]
  var reservations: [UInt64: Reservation?] = [:]
  var keys: [IdempotencyKey] = []
  var resources: [String: ScheduledResource?] = [:]
  var products: [String: Product?] = [:]
  var events: [Event] = []
}

extension WorkingSet {
  mutating func write(_ pool: Pool, for key: PoolKey) {
    if journal.pools[key] == nil { journal.pools[key] = .some(pools[key]) }
    pools[key] = pool
  }

  mutating func write(_ reservation: Reservation) {
    let number = reservation.number
    if journal.reservations[number] == nil {
      journal.reservations[number] = .some(reservations[number])
    }
    reservations[number] = reservation
    noteLife(of: number, reservation)
  }

  mutating func write(_ key: IdempotencyKey, for number: UInt64) {
    journal.keys.append(key)
    keys[key] = .some(number)
  }

  mutating func write(_ resource: Resource, zone: Zone) {
    if journal.resources[resource.id] == nil {
      journal.resources[resource.id] = .some(catalogue.resource(resource.id))
    }
    catalogue.put(resource, zone: zone)
  }

  mutating func write(_ product: Product) {
    if journal.products[product.id] == nil {
      journal.products[product.id] = .some(catalogue.product(product.id))
    }
    catalogue.put(product)
  }

  /// The number for a new reservation.
  mutating func nextReservationNumber() -> UInt64 {
    rememberLane()
    defer { lane.nextReservation += 1 }
    return lane.nextReservation
  }

  mutating func append(
    _ kind: Event.Kind, at: Instant, _ subject: Event.Subject, _ movements: [Movement],
    actor: String, reason: String = ""
  ) {
    rememberLane()
    journal.events.append(
      Event(
        sequence: lane.nextSequence, kind: kind, at: at, subject: subject, movements: movements,
        actor: actor, reason: reason))
    lane.nextSequence += 1
  }

  /// Moves the decision clock to `now`; it never goes back. Answers the instant to decide at.
  package mutating func decide(at now: Instant) -> Instant {
    guard now > lane.lastDecision else { return lane.lastDecision }
    rememberLane()
    lane.lastDecision = now
    return now
  }

  /// What the batch changed, ready for the store. The journal stays until `commit` or `rollBack`.
  package func changes() -> ChangeSet {
    ChangeSet(
      lane: lane,
      resources: journal.resources.keys.sorted().compactMap { catalogue.resource($0)?.resource },
      products: journal.products.keys.sorted().compactMap { catalogue.product($0) },
      pools: Dictionary(
        uniqueKeysWithValues: journal.pools.keys.map { ($0, pools[$0] ?? .untouched) }),
      reservations: journal.reservations.keys.sorted().compactMap { reservations[$0] },
      keys: Dictionary(
        uniqueKeysWithValues: journal.keys.compactMap { key in
          keys[key].flatMap { $0 }.map { (key, $0) }
        }),
      events: journal.events)
  }

  /// The batch is durable: its journal is not needed any more.
  package mutating func commit() {
    journal = Journal()
  }

  /// The batch was not written: everything is again as it was before it.
  package mutating func rollBack() {
    let undone = journal
    journal = Journal()
    if let before = undone.lane {
      // Readers may have been told this instant already, so the clock stays where it is.
      let lastDecision = lane.lastDecision
      lane = before
      lane.lastDecision = lastDecision
    }
    for (key, before) in undone.pools { pools[key] = before }
    for (number, before) in undone.reservations {
      reservations[number] = before
      noteLife(of: number, before, again: true)
    }
    for key in undone.keys { keys[key] = nil }
    for (id, before) in undone.resources { catalogue.restore(before, id: id) }
    for (id, before) in undone.products { catalogue.restore(before, id: id) }
  }

  private mutating func rememberLane() {
    if journal.lane == nil { journal.lane = lane }
  }
}
