import Capacity

extension RecordReader {
  // MARK: Reservations

  mutating func reservation() throws(StorageError) -> Reservation {
    let number = try unsigned()
    let state = try choice(Reservation.State.self, "state")
    let flags = ReservationFlags(rawValue: try byte())
    guard flags.isSubset(of: .all) else { throw corrupt("unknown flags \(flags.rawValue)") }
    var reservation = Reservation(
      number: number, buyerID: try text(), reference: try text(), idempotencyKey: try text(),
      requestedTTL: nil, lines: [], createdAt: .distantPast, expiresAt: .distantPast)
    reservation.state = state
    reservation.reacquired = flags.contains(.reacquired)
    if flags.contains(.requestedTTL) { reservation.requestedTTL = try interval() }
    try times(of: &reservation, flags)
    reservation.version = try unsigned()
    reservation.extensions = try integer()
    reservation.lines = try list { (reader) throws(StorageError) in try reader.line() }
    reservation.requests = try list { (reader) throws(StorageError) in try reader.request() }
    return reservation
  }

  private mutating func times(
    of reservation: inout Reservation, _ flags: ReservationFlags
  ) throws(StorageError) {
    let created = try signed()
    reservation.createdAt = Instant(microseconds: created)
    reservation.expiresAt = Instant(microseconds: created &+ (try signed()))
    if flags.contains(.closedAt) {
      reservation.closedAt = Instant(microseconds: created &+ (try signed()))
    }
  }

  private mutating func line() throws(StorageError) -> ReservationLine {
    let (productID, sellerID, slot) = (try text(), try text(), try text())
    let (quantity, held, consumed) = (try signed(), try signed(), try signed())
    let (released, expired, cancelled) = (try signed(), try signed(), try signed())
    let draws = try list { (reader) throws(StorageError) in
      FrozenDraw(pool: try reader.poolKey(), units: try reader.signed())
    }
    let pricing = Pricing(
      adjustmentBasisPoints: try integer(),
      triggerIDs: try list { (reader) throws(StorageError) in try reader.text() })
    var line = ReservationLine(
      productID: productID, sellerID: sellerID, slot: slot, quantity: quantity, draws: draws,
      pricing: pricing)
    line.held = held
    line.consumed = consumed
    line.released = released
    line.expired = expired
    line.cancelled = cancelled
    return line
  }

  private mutating func request() throws(StorageError) -> AppliedRequest {
    AppliedRequest(
      id: try text(), action: try choice(AppliedRequest.Action.self, "action"),
      amounts: try list { (reader) throws(StorageError) in
        LineAmount(line: try reader.integer(), quantity: try reader.signed())
      },
      ttl: try flag() ? try interval() : nil)
  }

  private mutating func interval() throws(StorageError) -> Interval {
    Interval(microseconds: try signed())
  }

  private mutating func poolKey() throws(StorageError) -> PoolKey {
    PoolKey(resourceID: try text(), ordinal: try signed())
  }

  // MARK: Events

  mutating func event() throws(StorageError) -> Event {
    let sequence = try unsigned()
    let kind = try choice(Event.Kind.self, "kind of event")
    let at = Instant(microseconds: try signed())
    let actor = try text()
    let reason = try text()
    return Event(
      sequence: sequence, kind: kind, at: at, subject: try subject(),
      movements: try list { (reader) throws(StorageError) in try reader.movement() },
      actor: actor, reason: reason)
  }

  private mutating func subject() throws(StorageError) -> Event.Subject {
    switch try choice(SubjectTag.self, "subject") {
    case .reservation: .reservation(try reservation())
    case .resource: .resource(try RecordCodec.decodeResource(try body()))
    case .product: .product(try RecordCodec.decodeProduct(try body()))
    case .pool: .pool(resourceID: try text())
    case .gap: .gap(LogGap(after: try unsigned(), before: try unsigned()))
    }
  }

  private mutating func movement() throws(StorageError) -> Movement {
    Movement(
      pool: try poolKey(), limit: try signed(), held: try signed(), consumed: try signed(),
      balance: Pool(held: try signed(), consumed: try signed(), revision: try unsigned()))
  }
}
