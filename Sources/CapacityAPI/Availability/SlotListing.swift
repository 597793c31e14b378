internal import Capacity
internal import CupoSchema

/// One day or slot of a product's calendar, with its plan or with what keeps it from having one.
struct ListedSlot: Sendable {
  let product: Capacity.Product
  let scheduled: ScheduledResource
  let occurrence: Occurrence
  let result: SlotPlan.Result

  /// The pools behind it; none where it has no plan.
  var pools: [PoolKey] {
    guard case .plan(let plan) = result else { return [] }
    return plan.draws.map(\.pool)
  }

  /// When a stock behind it stands on another date, by which its seasons and closures are found; nil: never.
  var stockMidnight: Instant? {
    guard case .plan(let plan) = result else { return nil }
    return plan.draws.compactMap { draw in
      let resource = draw.scheduled.resource
      guard resource.inventory.kind == .stock,
        !(resource.seasons.isEmpty && resource.closures.isEmpty)
      else { return nil }
      let next = draw.occurrence.date.advanced(by: 1)
      return Instant(seconds: draw.scheduled.zone.start(of: next))
    }.min()
  }

  /// What the wire says about it.
  /// - Parameter quantity: 0 asks for the least that can be bought.
  func message(_ views: [PoolKey: PoolView], at now: Instant, quantity: Int64, withPools: Bool)
    -> SlotAvailability
  {
    switch result {
    case .obstacle(let obstacle):
      var message = SlotAvailability(product.id, scheduled, occurrence)
      message.close(obstacle)
      message.revision = Availability.revision(
        product: product.version, resources: [scheduled.resource.version])
      return message
    case .plan(let plan):
      let wanted = quantity > 0 ? quantity : max(1, product.limits.minQuantity)
      return Evaluator(plan, at: now)
        .availability(
          quantity: wanted, views: plan.draws.map { views[$0.pool] ?? .untouched }
        )
        .message(plan, withPools: withPools)
    }
  }

  /// When the answer can change by time alone.
  func nextBoundary(after now: Instant) -> Instant? {
    guard case .plan(let plan) = result else { return nil }
    return Evaluator(plan, at: now).nextBoundary()
  }
}

/// The days or slots of a product over a range of local dates, a stock's one entry included.
struct SlotListing {
  private let catalogue: Catalogue
  private let product: Capacity.Product
  let scheduled: ScheduledResource

  /// Nil where the catalogue has no such product.
  init?(_ productID: String, in catalogue: Catalogue) {
    guard let product = catalogue.product(productID), let draw = product.draws.first,
      let scheduled = catalogue.resource(draw.resourceID)
    else { return nil }
    self.catalogue = catalogue
    self.product = product
    self.scheduled = scheduled
  }

  var isStock: Bool { scheduled.resource.inventory.kind == .stock }

  /// What lies on `date`, in ascending order.
  func slots(on date: CivilDate, at now: Instant) -> [ListedSlot] {
    scheduled.occurrences(on: date).map { listed($0, now) }
  }

  /// The one entry of a stock.
  func stock(at now: Instant) -> [ListedSlot] {
    scheduled.stock(at: now).map { [listed($0, now)] } ?? []
  }

  private func listed(_ occurrence: Occurrence, _ now: Instant) -> ListedSlot {
    ListedSlot(
      product: product, scheduled: scheduled, occurrence: occurrence,
      result: SlotPlan.make(product, scheduled, occurrence, in: catalogue, at: now))
  }
}
