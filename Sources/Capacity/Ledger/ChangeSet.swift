/// What a batch writes: each record as it stands after it, once, and the events in their order.
package struct ChangeSet: Sendable {
  package var counters: StoreCounters
  /// The lanes that it was decided in.
  package var lanes: LaneSet
  package var resources: [Resource]
  package var products: [Product]
  /// Those whose rows are written now: some that changed earlier may be among them, and some that changed now may be missing.
  package var pools: [PoolKey: Pool]
  /// Those that the batch changed; nil: those of `pools`.
  package var changedPools: [PoolKey]?
  /// Those of `pools` that no batch has written before; nil: it is not known which.
  package var newPools: Set<PoolKey>?
  /// New ones and changed ones, by ascending number.
  package var reservations: [Reservation]
  /// New keys and the number that each stands for: a reservation's, or what an adjustment came to.
  package var keys: [(key: IdempotencyKey, number: UInt64)]
  package var events: [Event]
  /// Entries of the lane's chain, in their order; `counters.audit` is the end of the chain behind them. Of other chains only where a
  /// whole store is filled.
  package var audit: [AuditEntry] = []
  /// Ends of chains that are written as they are, the lane's among them: where a whole store is filled.
  package var auditEnds: [AuditChain: AuditHead] = [:]

  /// The first event that it appends to the log, as far as its writer knew when it decided; the next, where it has none.
  package var firstSequence: UInt64 { events.first?.sequence ?? counters.nextSequence }

  package init(
    counters: StoreCounters, resources: [Resource] = [], products: [Product] = [],
    pools: [PoolKey: Pool] = [:], reservations: [Reservation] = [],
    keys: [(key: IdempotencyKey, number: UInt64)] = [], events: [Event] = []
  ) {
    self.counters = counters
    lanes = counters.allLanes
    self.resources = resources
    self.products = products
    self.pools = pools
    self.reservations = reservations
    self.keys = keys
    self.events = events
  }
}
