/// One reason why something cannot be sold now.
package struct Obstacle: Hashable, Sendable {
  package var kind: Kind
  /// The product or resource that blocks.
  package var subject: String
  /// When it lifts by itself; nil: it does not.
  package var until: Instant?

  package init(_ kind: Kind, subject: String, until: Instant? = nil) {
    self.kind = kind
    self.subject = subject
    self.until = until
  }

  package enum Kind: Hashable, Sendable {
    case slotMalformed
    case productNotFound
    case noSlotAtTime
    case slotPast
    case paused
    case closed(Closure.Reason)
    case notYetOnSale
    case saleEnded(at: Instant)
    /// `earliest` is the earliest start that can be sold now.
    case leadTime(earliest: Instant)
    case cutoffPassed(at: Instant)
    /// `latest` is the last date that can be sold now.
    case beyondHorizon(latest: CivilDate)
    case belowMinQuantity(Int64)
    case aboveMaxQuantity(Int64)
    case buyerLimitReached(Int64)
    /// Nothing is left to sell, ever.
    case soldOut
    /// More than what is left after all that is consumed; `available` units of the product could be sold now.
    case insufficientCapacity(requested: Int64, available: Int64)
    /// It would fit if every hold ended.
    case heldByOthers(nextExpiry: Instant?)
  }

  /// Smaller is stronger; the order of SYSTEM.md section 7.
  package var rank: Int {
    switch kind {
    case .slotMalformed: 0
    case .productNotFound: 1
    case .noSlotAtTime: 2
    case .slotPast: 3
    case .paused: 4
    case .closed: 5
    case .notYetOnSale: 6
    case .saleEnded: 7
    case .leadTime: 8
    case .cutoffPassed: 9
    case .beyondHorizon: 10
    case .belowMinQuantity: 11
    case .aboveMaxQuantity: 12
    case .buyerLimitReached: 13
    case .soldOut: 14
    case .insufficientCapacity: 15
    case .heldByOthers: 16
    }
  }
}
