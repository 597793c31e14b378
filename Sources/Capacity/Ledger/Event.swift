/// One entry of the log: what happened, what it did to pools, and how things stood after it. The log is the ledger:
/// adding up its movements gives every counter.
package struct Event: Equatable, Sendable {
  package enum Kind: UInt8, CaseIterable, Sendable {
    case reservationHeld = 1
    case reservationConsumed
    case reservationReleased
    case reservationExtended
    case reservationExpired
    case reservationCancelled
    case resourceChanged
    case productChanged
    case stockAdjusted
    case pricingTriggerOn
    case pricingTriggerOff
    case capacityOvercommitted
    case repaired
  }

  /// What the event is about, as it stood after it.
  package enum Subject: Equatable, Sendable {
    case reservation(Reservation)
    indirect case resource(Resource)
    indirect case product(Product)
    /// A pool alone: its resource's id.
    case pool(resourceID: String)
    /// Events that are missing: a repair says that this is known, and what they did is in its other entries.
    indirect case gap(LogGap)
  }

  /// Without gaps inside its lane, from 1.
  package var sequence: UInt64
  package var kind: Kind
  package var at: Instant
  package var subject: Subject
  package var movements: [Movement]
  /// Who caused it.
  package var actor: String
  /// Why, in the words of who caused it; empty: not said. Of a pricing trigger: its id.
  package var reason: String

  package init(
    sequence: UInt64, kind: Kind, at: Instant, subject: Subject, movements: [Movement],
    actor: String, reason: String = ""
  ) {
    self.sequence = sequence
    self.kind = kind
    self.at = at
    self.subject = subject
    self.movements = movements
    self.actor = actor
    self.reason = reason
  }
}

/// What an event did to one pool, and the pool after it.
package struct Movement: Equatable, Sendable {
  package var pool: PoolKey
  /// Change of the stock's total; 0 elsewhere, where limits follow from the schedule.
  package var limit: Int64
  package var held: Int64
  package var consumed: Int64
  package var balance: Pool

  package init(pool: PoolKey, limit: Int64 = 0, held: Int64 = 0, consumed: Int64 = 0, balance: Pool)
  {
    self.pool = pool
    self.limit = limit
    self.held = held
    self.consumed = consumed
    self.balance = balance
  }
}
