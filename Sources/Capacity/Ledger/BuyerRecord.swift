/// What one buyer holds and has bought of the products that limit their buyers.
///
/// It is counted from the buyer's reservations whenever it is needed first, and kept in step with them from then on, so there
/// is no counter that could be wrong and nothing to store. Products without such limits leave no trace in it.
package struct BuyerRecord: Equatable, Sendable {
  /// How far back a day can have begun, with room: the longest local day has 25 hours.
  static let reach = Interval(seconds: 30 * 3600)

  /// What is left of one line of a reservation.
  private struct Entry: Equatable, Sendable {
    var number: UInt64
    var productID: String
    var createdAt: Instant
    var expiresAt: Instant
    var held: Int64
    var consumed: Int64
  }

  /// Every reservation from here on is in it, and of older ones those that still hold something.
  let since: Instant
  private var entries: [Entry] = []

  init(since: Instant) {
    self.since = since
  }

  /// Counts `reservation` as it stands now; what was known of it before is forgotten.
  mutating func note(_ reservation: Reservation, in catalogue: Catalogue) {
    forget(reservation.number)
    guard reservation.isHolding || reservation.createdAt >= since else { return }
    for line in reservation.lines where line.held + line.consumed > 0 {
      guard catalogue.product(line.productID)?.limits.concernBuyers == true else { continue }
      entries.append(
        Entry(
          number: reservation.number, productID: line.productID, createdAt: reservation.createdAt,
          expiresAt: reservation.expiresAt, held: line.held, consumed: line.consumed))
    }
  }

  mutating func forget(_ number: UInt64) {
    entries.removeAll { $0.number == number }
  }

  /// Units of the product that are held now.
  func held(_ productID: String) -> Int64 {
    entries.reduce(0) { $1.productID == productID ? $0 + $1.held : $0 }
  }

  /// Units of the product that were reserved from `start` until before `end` and that are held or consumed.
  func taken(_ productID: String, from start: Instant, until end: Instant) -> Int64 {
    entries.reduce(0) { sum, entry in
      guard entry.productID == productID, entry.createdAt >= start, entry.createdAt < end else {
        return sum
      }
      return sum + entry.held + entry.consumed
    }
  }

  /// When so many holds of the product have run out that at most `rest` units are held; nil: never by itself.
  func holdsFall(of productID: String, to rest: Int64) -> Instant? {
    guard rest >= 0 else { return nil }
    var held = held(productID)
    let holds = entries.filter { $0.productID == productID && $0.held > 0 }
    for hold in holds.sorted(by: { $0.expiresAt < $1.expiresAt }) {
      held -= hold.held
      if held <= rest { return hold.expiresAt }
    }
    return nil
  }
}

/// A buyer whose limits are to be looked at, and for what.
package struct BuyerCheck: Sendable {
  package enum Purpose: Hashable, Sendable {
    /// Units are to be held from now on.
    case hold
    /// Units of a reservation of this instant, which has expired, are to be sold after all.
    case reacquire(createdAt: Instant)
  }

  let record: BuyerRecord
  let purpose: Purpose

  package init(_ record: BuyerRecord, for purpose: Purpose = .hold) {
    self.record = record
    self.purpose = purpose
  }

  /// Appends the limits of `product` that `quantity` more of it would break.
  ///
  /// - Parameter zone: of the product's primary resource; days are its days.
  func appendObstacles(
    _ product: Product, quantity: Int64, zone: Zone, at now: Instant, to list: inout [Obstacle]
  ) {
    let limits = product.limits
    if limits.maxHeldPerBuyer > 0, purpose == .hold {
      let rest = limits.maxHeldPerBuyer - quantity
      if record.held(product.id) > rest {
        list.append(
          Obstacle(
            .buyerLimitReached(limits.maxHeldPerBuyer), subject: product.id,
            until: record.holdsFall(of: product.id, to: rest)))
      }
    }
    guard limits.maxPerBuyerPerDay > 0 else { return }
    let day = day(at: now, zone)
    let rest = limits.maxPerBuyerPerDay - quantity
    guard record.taken(product.id, from: day.start, until: day.end) > rest else { return }
    // The next day counts from nothing; a day that is over never ends again.
    let isLifted = rest >= 0 && day.end > now
    list.append(
      Obstacle(
        .buyerLimitReached(limits.maxPerBuyerPerDay), subject: product.id,
        until: isLifted ? day.end : nil))
  }

  // The local day that the units count on: that of their Reserve.
  private func day(at now: Instant, _ zone: Zone) -> (start: Instant, end: Instant) {
    let instant =
      switch purpose {
      case .hold: now
      case .reacquire(let createdAt): createdAt
      }
    let date = zone.date(at: instant)
    return (
      Instant(seconds: zone.start(of: date)), Instant(seconds: zone.start(of: date.advanced(by: 1)))
    )
  }
}

extension PurchaseLimits {
  /// Whether it matters who buys.
  package var concernBuyers: Bool { maxHeldPerBuyer > 0 || maxPerBuyerPerDay > 0 }
}
