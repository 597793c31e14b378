/// What became of a command.
package enum Outcome: Equatable, Sendable {
  case reserved(Reservation, replayed: Bool)
  case consumed(Reservation, replayed: Bool)
  case released(Reservation, replayed: Bool)
  case extended(Reservation, replayed: Bool)
  case cancelled(Reservation, replayed: Bool)
  indirect case resource(Resource, Impact)
  indirect case product(Product, Impact)
  indirect case adjusted(Resource, replayed: Bool)
  indirect case rejected(Rejection)
}

/// Why a command was refused. A refusal changes nothing and leaves no trace.
package enum Rejection: Equatable, Sendable {
  /// Lines that cannot be sold; never empty.
  case lines([LineFailure])
  /// The key, or the request id, stands for another payload; `field` differs first.
  case keyReused(field: String)
  case reservationNotFound
  /// Its time ran out; with the obstacles where a second try was asked for and failed.
  case reservationExpired([LineFailure])
  case alreadyConsumed
  case alreadyReleased
  case alreadyCancelled
  case exceedsHeld(line: Int, requested: Int64, held: Int64)
  /// Cancel asks for more than is consumed.
  case notConsumed
  /// It cannot be extended again (nil), or not beyond `latest`.
  case extensionLimit(latest: Instant?)
  /// An adjustment would take more than the `total` that there is.
  case stockBelowZero(total: Int64)
  case versionConflict(current: UInt64)
  case resourceNotFound(String)
  case productNotFound(String)
  /// What the command touches is another seller's.
  case notOwner
  case violations([Violation])
}

/// A line of a request and the strongest obstacle in its way.
package struct LineFailure: Hashable, Sendable {
  /// Index into the request's lines.
  package var line: Int
  package var obstacle: Obstacle

  package init(line: Int, obstacle: Obstacle) {
    self.line = line
    self.obstacle = obstacle
  }
}

/// A field whose value makes no sense together with the rest.
package struct Violation: Hashable, Sendable {
  package var field: String
  package var description: String
  /// Whether it is a slot that is not spelled canonically, which has a reason of its own.
  package var isSlotSpelling: Bool

  package init(_ field: String, _ description: String, isSlotSpelling: Bool = false) {
    self.field = field
    self.description = description
    self.isSlotSpelling = isSlotSpelling
  }
}
