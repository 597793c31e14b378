/// The names of records that a batch wants to read.
package struct RecordNames: Equatable, Sendable {
  package var pools: Set<PoolKey>
  package var reservations: Set<UInt64>
  /// May name one twice.
  package var keys: [IdempotencyKey]

  package init(
    pools: Set<PoolKey> = [], reservations: Set<UInt64> = [], keys: [IdempotencyKey] = []
  ) {
    self.pools = pools
    self.reservations = reservations
    self.keys = keys
  }

  package var isEmpty: Bool { pools.isEmpty && reservations.isEmpty && keys.isEmpty }
}

/// Records that were read. A name that is missing here was not stored.
package struct Records: Equatable, Sendable {
  package var pools: [PoolKey: Pool]
  package var reservations: [UInt64: Reservation]
  package var keys: [IdempotencyKey: UInt64]

  package init(
    pools: [PoolKey: Pool] = [:], reservations: [UInt64: Reservation] = [:],
    keys: [IdempotencyKey: UInt64] = [:]
  ) {
    self.pools = pools
    self.reservations = reservations
    self.keys = keys
  }
}
