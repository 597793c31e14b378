import Capacity

extension Duel {
  /// Adds up the log: it must give every counter, without a gap, and never early.
  mutating func checkLog() {
    desk.settle()
    var sums: [PoolKey: Pool] = [:]
    var lastExpiry: [PoolKey: Instant] = [:]
    var sequence: UInt64 = 0
    for event in desk.events {
      sequence += 1
      expect(event.sequence == sequence, "a gap before event \(event.sequence)")
      for movement in event.movements {
        sums[movement.pool, default: .untouched].held += movement.held
        sums[movement.pool, default: .untouched].consumed += movement.consumed
        let sum = sums[movement.pool] ?? .untouched
        expect(
          sum.held == movement.balance.held && sum.consumed == movement.balance.consumed,
          "the balance in event \(event.sequence)")
        expect(sum.held >= 0 && sum.consumed >= 0, "below zero in event \(event.sequence)")
        guard event.kind == .reservationExpired else { continue }
        expect(event.at >= lastExpiry[movement.pool] ?? event.at, "expiry out of order")
        lastExpiry[movement.pool] = event.at
      }
      if case .reservation(let reservation) = event.subject, event.kind == .reservationExpired {
        expect(event.at == reservation.expiresAt, "expired at another instant")
      }
    }
    for pool in pools {
      let view = desk.set.view(pool).pool
      let sum = sums[pool] ?? .untouched
      expect(view.held == sum.held && view.consumed == sum.consumed, "the log of \(pool)")
    }
  }
}
