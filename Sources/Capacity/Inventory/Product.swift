/// What is sold: it draws units from one or more resources.
package struct Product: Equatable, Sendable, Codable {
  package var id: String
  package var sellerID: String
  package var name: String
  /// 1 to 16; the first gives the slot ids and the time zone.
  package var draws: [Draw]
  package var holds: HoldPolicy
  package var limits: PurchaseLimits
  package var pricingTriggers: [PricingTrigger]
  /// At most this share of the capacity left counts as LIMITED; 0: never.
  package var limitedThresholdPercent: Int
  package var paused: Bool
  /// Grows by one with every change; 0 before the first Put.
  package var version: UInt64

  package init(id: String, sellerID: String, name: String = "", draws: [Draw]) {
    self.id = id
    self.sellerID = sellerID
    self.name = name
    self.draws = draws
    holds = HoldPolicy()
    limits = PurchaseLimits()
    pricingTriggers = []
    limitedThresholdPercent = 0
    paused = false
    version = 0
  }
}

/// What one unit of a product takes from a resource.
package struct Draw: Hashable, Sendable, Codable {
  package var resourceID: String
  /// 1 to 1,000,000.
  package var units: Int64

  package init(resourceID: String, units: Int64 = 1) {
    self.resourceID = resourceID
    self.units = units
  }
}

/// How long a hold lives.
package struct HoldPolicy: Hashable, Sendable, Codable {
  package static let systemDefaultTTL = Interval(seconds: 15 * 60)
  package static let systemMinTTL = Interval(seconds: 1)
  package static let systemMaxTTL = Interval(seconds: 24 * 3600)

  /// Nil: 15 minutes.
  package var defaultTTL: Interval?
  /// Nil: 24 hours.
  package var maxTTL: Interval?
  /// 0: a hold cannot be extended.
  package var maxExtensions: Int
  /// From Reserve on; nil: 24 hours.
  package var maxHoldAge: Interval?

  package init(
    defaultTTL: Interval? = nil, maxTTL: Interval? = nil, maxExtensions: Int = 0,
    maxHoldAge: Interval? = nil
  ) {
    self.defaultTTL = defaultTTL
    self.maxTTL = maxTTL
    self.maxExtensions = maxExtensions
    self.maxHoldAge = maxHoldAge
  }
}

/// How much one buyer may take; zero is no limit.
package struct PurchaseLimits: Hashable, Sendable, Codable {
  /// For each reservation.
  package var minQuantity: Int64
  /// For each reservation.
  package var maxQuantity: Int64
  /// Held at once.
  package var maxHeldPerBuyer: Int64
  /// Held or consumed, by the primary resource's local day of Reserve.
  package var maxPerBuyerPerDay: Int64

  package init(
    minQuantity: Int64 = 0, maxQuantity: Int64 = 0, maxHeldPerBuyer: Int64 = 0,
    maxPerBuyerPerDay: Int64 = 0
  ) {
    self.minQuantity = minQuantity
    self.maxQuantity = maxQuantity
    self.maxHeldPerBuyer = maxHeldPerBuyer
    self.maxPerBuyerPerDay = maxPerBuyerPerDay
  }
}

/// A condition that changes the price; Cupo says which are on, it does not price.
package struct PricingTrigger: Hashable, Sendable, Codable {
  package enum Condition: Hashable, Sendable, Codable {
    case occupancyAtLeast(percent: Int)
    case season(id: String)
    case daysBefore(atMost: Int)
  }

  package var id: String
  package var condition: Condition
  package var adjustmentBasisPoints: Int

  package init(id: String, condition: Condition, adjustmentBasisPoints: Int) {
    self.id = id
    self.condition = condition
    self.adjustmentBasisPoints = adjustmentBasisPoints
  }
}
