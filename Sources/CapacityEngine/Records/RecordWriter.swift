import Capacity

/// Appends values to a buffer that its caller reuses.
enum RecordWriter {
  // MARK: Primitives

  static func append(_ value: UInt64, to bytes: inout [UInt8]) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: rest))
  }

  static func append(_ value: Int64, to bytes: inout [UInt8]) {
    append(UInt64(bitPattern: value << 1 ^ value >> 63), to: &bytes)
  }

  static func append(_ value: Int, to bytes: inout [UInt8]) {
    append(Int64(value), to: &bytes)
  }

  static func append(count: Int, to bytes: inout [UInt8]) {
    append(UInt64(count), to: &bytes)
  }

  static func append(_ text: String, to bytes: inout [UInt8]) {
    append(count: text.utf8.count, to: &bytes)
    unsafe text.utf8.span.withUnsafeBufferPointer { unsafe bytes.append(contentsOf: $0) }
  }

  static func append(_ body: [UInt8], to bytes: inout [UInt8]) {
    append(count: body.count, to: &bytes)
    bytes.append(contentsOf: body)
  }

  // MARK: Reservations

  static func append(_ reservation: Reservation, to bytes: inout [UInt8]) {
    append(reservation.number, to: &bytes)
    bytes.append(reservation.state.rawValue)
    bytes.append(ReservationFlags(of: reservation).rawValue)
    append(reservation.buyerID, to: &bytes)
    append(reservation.reference, to: &bytes)
    append(reservation.idempotencyKey, to: &bytes)
    if let ttl = reservation.requestedTTL { append(ttl.microseconds, to: &bytes) }
    append(reservation.createdAt.microseconds, to: &bytes)
    // Times are near one another: their distance is short to write.
    let created = reservation.createdAt.microseconds
    append(reservation.expiresAt.microseconds &- created, to: &bytes)
    if let closed = reservation.closedAt { append(closed.microseconds &- created, to: &bytes) }
    append(reservation.version, to: &bytes)
    append(reservation.extensions, to: &bytes)
    append(count: reservation.lines.count, to: &bytes)
    // By spans, whose elements are looked at: an iterator would copy each, and copies are counted.
    let lines = reservation.lines.span
    for index in lines.indices { append(lines[index], to: &bytes) }
    append(count: reservation.requests.count, to: &bytes)
    for request in reservation.requests { append(request, to: &bytes) }
  }

  private static func append(_ line: ReservationLine, to bytes: inout [UInt8]) {
    let terms = line.terms
    append(terms.productID, to: &bytes)
    append(terms.sellerID, to: &bytes)
    append(terms.slot, to: &bytes)
    append(line.quantity, to: &bytes)
    append(line.held, to: &bytes)
    append(line.consumed, to: &bytes)
    append(line.released, to: &bytes)
    append(line.expired, to: &bytes)
    append(line.cancelled, to: &bytes)
    let frozen = terms.draws
    let draws = frozen.span
    append(count: draws.count, to: &bytes)
    for index in draws.indices {
      append(draws[index].pool, to: &bytes)
      append(draws[index].units, to: &bytes)
    }
    append(terms.pricing.adjustmentBasisPoints, to: &bytes)
    append(count: terms.pricing.triggerIDs.count, to: &bytes)
    for id in terms.pricing.triggerIDs { append(id, to: &bytes) }
  }

  private static func append(_ request: AppliedRequest, to bytes: inout [UInt8]) {
    append(request.id, to: &bytes)
    bytes.append(request.action.rawValue)
    append(count: request.amounts.count, to: &bytes)
    for amount in request.amounts {
      append(amount.line, to: &bytes)
      append(amount.quantity, to: &bytes)
    }
    bytes.append(request.ttl == nil ? 0 : 1)
    if let ttl = request.ttl { append(ttl.microseconds, to: &bytes) }
  }

  private static func append(_ key: PoolKey, to bytes: inout [UInt8]) {
    append(key.resourceID, to: &bytes)
    append(key.ordinal, to: &bytes)
  }

  // MARK: Events

  /// - Parameter reservation: what was appended of the one that the event is about; nil: it is not at hand.
  static func append(
    _ event: Event, having reservation: ArraySlice<UInt8>? = nil, to bytes: inout [UInt8]
  ) throws(StorageError) {
    append(event.sequence, to: &bytes)
    bytes.append(event.kind.rawValue)
    append(event.at.microseconds, to: &bytes)
    append(event.actor, to: &bytes)
    append(event.reason, to: &bytes)
    if let reservation {
      bytes.append(SubjectTag.reservation.rawValue)
      bytes.append(contentsOf: reservation)
    } else {
      try append(event.subject, to: &bytes)
    }
    append(count: event.movements.count, to: &bytes)
    let movements = event.movements.span
    for index in movements.indices { append(movements[index], to: &bytes) }
  }

  private static func append(
    _ subject: Event.Subject, to bytes: inout [UInt8]
  ) throws(StorageError) {
    switch subject {
    case .reservation(let reservation):
      bytes.append(SubjectTag.reservation.rawValue)
      append(reservation, to: &bytes)
    case .resource(let resource):
      bytes.append(SubjectTag.resource.rawValue)
      append(try RecordCodec.encode(resource), to: &bytes)
    case .product(let product):
      bytes.append(SubjectTag.product.rawValue)
      append(try RecordCodec.encode(product), to: &bytes)
    case .pool(let resourceID):
      bytes.append(SubjectTag.pool.rawValue)
      append(resourceID, to: &bytes)
    case .gap(let gap):
      bytes.append(SubjectTag.gap.rawValue)
      append(gap.after, to: &bytes)
      append(gap.before, to: &bytes)
    }
  }

  private static func append(_ movement: Movement, to bytes: inout [UInt8]) {
    append(movement.pool, to: &bytes)
    append(movement.limit, to: &bytes)
    append(movement.held, to: &bytes)
    append(movement.consumed, to: &bytes)
    append(movement.balance.held, to: &bytes)
    append(movement.balance.consumed, to: &bytes)
    append(movement.balance.revision, to: &bytes)
  }
}
