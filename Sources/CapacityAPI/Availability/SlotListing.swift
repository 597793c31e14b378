internal import Capacity
internal import CupoSchema

/// One day or slot of a product's calendar, with its plan or with what keeps it from having one.
struct ListedSlot: Sendable {
  /// What all slots of a product have in common, in one piece: a page has thousands of them.
  final class Subject: Sendable {
    let product: Capacity.Product
    let scheduled: ScheduledResource

    init(_ offer: Offer) {
      (product, scheduled) = (offer.product, offer.primary)
    }
  }

  let subject: Subject
  let occurrence: Occurrence
  let id: String
  let result: SlotPlan.Result

  var product: Capacity.Product { subject.product }
  var scheduled: ScheduledResource { subject.scheduled }

  /// The pools behind it; none where it has no plan.
  var pools: [PoolKey] {
    guard case .plan(let plan) = result else { return [] }
    return plan.pools
  }

  /// The dates on which stocks behind it stand, by which their seasons and closures are found; none where there are none.
  var stockDates: [(Zone, CivilDate)] {
    guard case .plan(let plan) = result else { return [] }
    return plan.draws.compactMap { draw in
      let resource = draw.scheduled.resource
      guard resource.inventory.kind == .stock,
        !(resource.seasons.isEmpty && resource.closures.isEmpty)
      else { return nil }
      return (draw.scheduled.zone, draw.occurrence.date)
    }
  }

  /// The views of its pools, in their order.
  func views(_ views: [PoolKey: PoolView]) -> [PoolView] {
    pools.map { views[$0] ?? .untouched }
  }

  /// The same from columns of the runs that ``Offer/runs(over:)`` names.
  func views(_ columns: inout [PoolColumn]) -> [PoolView] {
    guard case .plan(let plan) = result else { return [] }
    let draws = plan.draws.count
    return columns.indices.map { index in
      columns[index].view(plan.draws[index % draws].occurrence.ordinal)
    }
  }

  /// Whether the schedule does not make it any more: without bookings there is nothing to be shown.
  ///
  /// - Parameter views: of its pools.
  func isGone(_ views: [PoolView]) -> Bool {
    guard occurrence.isWithdrawn, case .plan = result else { return false }
    return views[0].pool.held + views[0].pool.consumed == 0
  }

  /// What the wire says about it.
  ///
  /// - Parameters:
  ///   - views: of its pools.
  ///   - quantity: 0 asks for the least that can be bought.
  func message(_ views: [PoolView], at now: Instant, quantity: Int64, withPools: Bool)
    -> SlotAvailability
  {
    var message = SlotAvailability(product.id, scheduled, occurrence, id: id)
    switch result {
    case .obstacle(let obstacle):
      message.close(obstacle)
      message.revision = Availability.revision(
        product: product.version, resources: [scheduled.resource.version])
    case .plan(let plan):
      let evaluator = Evaluator(plan, at: now)
      let wanted = quantity > 0 ? quantity : product.leastQuantity
      message.fill(evaluator.availability(quantity: wanted, views: views), plan)
      if withPools { message.fill(evaluator.balances(views: views), plan) }
    }
    return message
  }

  /// When the answer can change by time alone, the ends of holds included.
  ///
  /// - Parameter views: of its pools.
  func nextChange(_ views: [PoolView], after now: Instant) -> Instant? {
    let expiries = views.lazy.compactMap(\.nextExpiry)
    return [nextBoundary(after: now), expiries.min()].compactMap { $0 }.min()
  }

  /// When the answer can change by time alone; holds apart.
  func nextBoundary(after now: Instant) -> Instant? {
    guard case .plan(let plan) = result else { return nil }
    return Evaluator(plan, at: now).nextBoundary()
  }
}

/// The days or slots of a product over a range of local dates, a stock's one entry included.
struct SlotListing {
  private(set) var calendar: ProductCalendar
  private let subject: ListedSlot.Subject

  init(_ calendar: ProductCalendar) {
    self.calendar = calendar
    subject = ListedSlot.Subject(calendar.offer)
  }

  var offer: Offer { calendar.offer }

  /// What lies on `date`, in ascending order, from `ordinal` on where one is given.
  ///
  /// - Parameter withdrawn: pools that the schedule does not make any more but that something may be booked of.
  mutating func slots(
    on date: CivilDate, after ordinal: Int64? = nil, withdrawn: [Int64] = [], at now: Instant
  ) -> [ListedSlot] {
    var found: [ListedSlot] = []
    append(to: &found, on: date, after: ordinal, withdrawn: withdrawn, at: now)
    return found
  }

  /// The same, behind what is in `found`.
  mutating func append(
    to found: inout [ListedSlot], on date: CivilDate, after ordinal: Int64? = nil,
    withdrawn: [Int64] = [], at now: Instant
  ) {
    var day = calendar.day(date)
    if !withdrawn.isEmpty { day = day.adding(withdrawn, of: offer) }
    for index in day.slots.indices {
      let occurrence = day.slots[index].occurrence
      if let ordinal, occurrence.ordinal <= ordinal { continue }
      found.append(
        ListedSlot(
          subject: subject, occurrence: occurrence, id: day.slotIDs[index],
          result: calendar.offer.plan(day, index, at: now)))
    }
  }

  /// The one entry of a stock.
  func stock(at now: Instant) -> [ListedSlot] {
    guard let stock = offer.primary.stock(at: now) else { return [] }
    return [
      ListedSlot(
        subject: subject, occurrence: stock, id: "",
        result: offer.plan(stock, at: now))
    ]
  }
}
