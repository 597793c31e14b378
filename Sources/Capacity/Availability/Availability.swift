/// The evaluator's answer for one product in one slot: what list, calendar, explain, watch and reserve all say.
package struct Availability: Equatable, Sendable {
  /// From the best to the worst.
  package enum Status: Int, Sendable, CaseIterable {
    case available, limited, insufficient, heldOnly, soldOut, closed
  }

  /// Every rule that blocks, strongest first, and the scarcity of all pools together.
  package var obstacles: [Obstacle]
  package var status: Status
  /// No pool behind it has a limit; `remaining` and `capacity` mean nothing then.
  package var unlimited: Bool
  /// How many units of the product can still be sold; negative: overcommitted.
  package var remaining: Int64
  /// Index of the tightest pool among the product's draws.
  package var tightest: Int
  /// Of the tightest pool, in its units.
  package var capacity: Int64
  package var held: Int64
  package var consumed: Int64
  package var nextHoldExpiry: Instant?
  /// What a reservation made now would be frozen with.
  package var pricing: Pricing
  /// Grows whenever the answer can have changed.
  package var revision: UInt64

  /// A pool with its limit at that moment.
  package struct Balance: Equatable, Sendable {
    package var key: PoolKey
    package var limit: Limit
    package var pool: Pool
  }

  /// - Parameter rules: what blocks without regard to how much is left.
  init(
    _ headroom: Headroom, of product: Product, quantity: Int64, rules: [Obstacle], pricing: Pricing,
    revision: UInt64
  ) {
    obstacles = rules
    if let scarcity = headroom.obstacle(quantity: quantity, subject: product.id) {
      obstacles.append(scarcity)
    }
    status =
      rules.isEmpty ? headroom.status(threshold: product.limitedThresholdPercent) : .closed
    unlimited = headroom.isUnlimited
    remaining = headroom.remaining
    tightest = headroom.tightest
    capacity = headroom.capacity
    held = headroom.view.pool.held
    consumed = headroom.view.pool.consumed
    nextHoldExpiry = headroom.nextHoldExpiry
    self.pricing = pricing
    self.revision = revision
  }

  package var isSellable: Bool { obstacles.isEmpty }

  /// The part of a revision that comes from definitions. A version outweighs everything below it, because a product that
  /// draws on other pools starts from their revisions, which may be smaller.
  package static func revision(product: UInt64, resources: [UInt64]) -> UInt64 {
    resources.reduce(product << 48) { $0 &+ ($1 << 32) }
  }
}
