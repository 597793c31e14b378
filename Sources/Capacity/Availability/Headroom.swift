/// What the pools behind one slot leave for a product, draw by draw: the arithmetic of scarcity, in one place.
struct Headroom {
  private(set) var isBlocked = false
  private var isBeyondHolds = false
  private var isSoldOut = false
  private var lastExpiry: Instant?
  // Of the tightest draw.
  private(set) var tightest = 0
  private(set) var isUnlimited = true
  private(set) var remaining: Int64 = 0
  private(set) var capacity: Int64 = 0
  private(set) var free: Int64 = 0
  private(set) var view = PoolView.untouched

  /// Takes in the next draw; they come in their order.
  ///
  /// - Parameters:
  ///   - units: what one unit of the product takes.
  ///   - demand: what the whole request takes.
  mutating func add(
    _ index: Int, units: Int64, demand: Int64, limit: Limit, view: PoolView
  ) {
    if index == 0 { self.view = view }
    let pool = view.pool
    var sellable: Int64 = 0
    var present: Int64 = 0
    switch limit {
    case .units(let number):
      sellable = number - pool.consumed
      present = sellable - pool.held
    case .unlimited:
      // Even an unlimited pool ends where 64 bits do.
      guard pool.held + pool.consumed >= Int64.max / 4 else { return }
    }
    let fits = present.flooredDivision(by: units)
    if isUnlimited || fits < remaining {
      (isUnlimited, remaining, tightest, free) = (false, fits, index, present)
      self.view = view
      capacity = 0
      if case .units(let number) = limit { capacity = number }
    }
    guard demand > present else { return }
    isBlocked = true
    if demand > sellable { isBeyondHolds = true }
    if sellable < units { isSoldOut = true }
    // A sale needs every pool, so the last of them to free something decides.
    if let expiry = view.nextExpiry, expiry > lastExpiry ?? .distantPast { lastExpiry = expiry }
  }

  /// Whether this leaves less room than `other`, which comes before it.
  func isTighter(than other: Headroom) -> Bool {
    !isUnlimited && (other.isUnlimited || remaining < other.remaining)
  }

  /// Why `quantity` does not fit; nil where it does.
  func obstacle(quantity: Int64, subject: String) -> Obstacle? {
    guard isBlocked else { return nil }
    if isSoldOut { return Obstacle(.soldOut, subject: subject) }
    if isBeyondHolds {
      let kind = Obstacle.Kind.insufficientCapacity(
        requested: quantity, available: max(0, remaining))
      return Obstacle(kind, subject: subject)
    }
    return Obstacle(.heldByOthers(nextExpiry: lastExpiry), subject: subject, until: lastExpiry)
  }

  /// When the next hold that matters ends.
  var nextHoldExpiry: Instant? {
    isBlocked && !isSoldOut && !isBeyondHolds ? lastExpiry : view.nextExpiry
  }

  /// The status where no rule closes the slot.
  ///
  /// - Parameter threshold: at most this share of the capacity free counts as little, in percent; 0: nothing does.
  func status(threshold: Int) -> Availability.Status {
    if isBlocked {
      if isSoldOut { return .soldOut }
      return isBeyondHolds || remaining > 0 ? .insufficient : .heldOnly
    }
    guard threshold > 0, !isUnlimited else { return .available }
    // Limits go to 10^15, so a hundredfold stays within 64 bits.
    return free * 100 <= capacity * Int64(threshold) ? .limited : .available
  }
}

extension Int64 {
  /// Division that rounds down, so that an overcommitted pool shows a negative rest.
  fileprivate func flooredDivision(by divisor: Int64) -> Int64 {
    if divisor == 1 { return self }
    let quotient = self / divisor
    return self % divisor < 0 ? quotient - 1 : quotient
  }
}
