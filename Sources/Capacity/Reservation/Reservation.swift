/// A promise of units to a buyer: held until it is consumed, released or its time runs out.
package struct Reservation: Equatable, Sendable {
  /// Where it stands; see the table in SYSTEM.md section 4.
  package enum State: UInt8, CaseIterable, Sendable {
    case held = 1
    case consumed, released, expired, cancelled
  }

  // In a box of one: batches, events, answers and readers all have it, and a copy costs one count, whatever it says.
  private var box: [Content]

  // There are millions: what is small lies side by side, and all of it takes 121 bytes.
  private struct Content: Equatable, Sendable {
    var number: UInt64
    var buyerID: String
    var reference: String
    var idempotencyKey: String
    var lines: [ReservationLine]
    var requests: [AppliedRequest] = []
    var createdAt: Instant
    var expiresAt: Instant
    var version: UInt64 = 1
    var requestedTTL: Interval?
    var state = State.held
    var reacquired = false
    var extensions: Int32 = 0
    var closedAt: Instant?
  }

  package init(
    number: UInt64, buyerID: String, reference: String, idempotencyKey: String,
    requestedTTL: Interval?, lines: [ReservationLine], createdAt: Instant, expiresAt: Instant
  ) {
    box = [
      Content(
        number: number, buyerID: buyerID, reference: reference, idempotencyKey: idempotencyKey,
        lines: lines, createdAt: createdAt, expiresAt: expiresAt, requestedTTL: requestedTTL)
    ]
  }

  /// Whether this is a copy of `other`, so that nothing need be compared. If not, they may be equal all the same.
  package func isIdentical(to other: Reservation) -> Bool {
    box.span.isIdentical(to: other.box.span)
  }

  /// Its position among all reservations of the store; ids and codes are spelled from it.
  package var number: UInt64 {
    get { box[0].number }
    set { box[0].number = newValue }
  }

  package var state: State {
    get { box[0].state }
    set { box[0].state = newValue }
  }

  package var buyerID: String {
    _read { yield box[0].buyerID }
    _modify { yield &box[0].buyerID }
  }

  /// The caller's own reference.
  package var reference: String {
    _read { yield box[0].reference }
    _modify { yield &box[0].reference }
  }

  package var idempotencyKey: String {
    _read { yield box[0].idempotencyKey }
    _modify { yield &box[0].idempotencyKey }
  }

  /// As asked for; nil: the default. Kept to recognise a replay.
  package var requestedTTL: Interval? {
    get { box[0].requestedTTL }
    set { box[0].requestedTTL = newValue }
  }

  package var lines: [ReservationLine] {
    _read { yield box[0].lines }
    _modify { yield &box[0].lines }
  }

  package var createdAt: Instant {
    get { box[0].createdAt }
    set { box[0].createdAt = newValue }
  }

  package var expiresAt: Instant {
    get { box[0].expiresAt }
    set { box[0].expiresAt = newValue }
  }

  /// Since when nothing is held any more.
  package var closedAt: Instant? {
    get { box[0].closedAt }
    set { box[0].closedAt = newValue }
  }

  /// Grows by one with every change; 1 at first.
  package var version: UInt64 {
    get { box[0].version }
    set { box[0].version = newValue }
  }

  package var extensions: Int {
    get { Int(box[0].extensions) }
    set { box[0].extensions = Int32(clamping: newValue) }
  }

  /// Whether it was consumed after its time had run out.
  package var reacquired: Bool {
    get { box[0].reacquired }
    set { box[0].reacquired = newValue }
  }

  /// The requests with an id of their own that changed it, oldest first.
  package var requests: [AppliedRequest] {
    _read { yield box[0].requests }
    _modify { yield &box[0].requests }
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
