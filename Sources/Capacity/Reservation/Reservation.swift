/// A promise of units to a buyer: held until it is consumed, released or its time runs out.
package struct Reservation: Equatable, Sendable {
  /// Where it stands; see the table in SYSTEM.md section 4.
  package enum State: UInt8, CaseIterable, Sendable {
    case held = 1
    case consumed, released, expired, cancelled
  }

  /// Its position among all reservations of the store; ids and codes are spelled from it.
  package var number: UInt64
  package var state: State
  package var buyerID: String
  /// The caller's own reference.
  package var reference: String
  package var idempotencyKey: String
  /// As asked for; nil: the default. Kept to recognise a replay.
  package var requestedTTL: Interval?
  package var lines: [ReservationLine]
  package var createdAt: Instant
  package var expiresAt: Instant
  /// Since when nothing is held any more.
  package var closedAt: Instant?
  /// Grows by one with every change; 1 at first.
  package var version: UInt64
  package var extensions: Int
  /// Whether it was consumed after its time had run out.
  package var reacquired: Bool
  /// The requests with an id of their own that changed it, oldest first.
  package var requests: [AppliedRequest]

  package init(
    number: UInt64, buyerID: String, reference: String, idempotencyKey: String,
    requestedTTL: Interval?, lines: [ReservationLine], createdAt: Instant, expiresAt: Instant
  ) {
    self.number = number
    state = .held
    self.buyerID = buyerID
    self.reference = reference
    self.idempotencyKey = idempotencyKey
    self.requestedTTL = requestedTTL
    self.lines = lines
    self.createdAt = createdAt
    self.expiresAt = expiresAt
    version = 1
    extensions = 0
    reacquired = false
    requests = []
  }

  /// Whether any unit is still held.
  package var isHolding: Bool {
    state == .held
  }

  /// Whether nothing has been held since before `instant`.
  package func wasClosed(before instant: Instant) -> Bool {
    guard !isHolding, let closedAt else { return false }
    return closedAt < instant
  }

  /// The key that it was made under.
  package var key: IdempotencyKey { IdempotencyKey(buyerID: buyerID, key: idempotencyKey) }
}
