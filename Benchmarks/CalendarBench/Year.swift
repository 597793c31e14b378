import Capacity

/// A boat that leaves every quarter of an hour, every seat of which is half taken for a year.
struct Year {
  private static let first = CivilDate(day: 20_454)  // 2026-01-01
  private static let seats: Int64 = 20

  private let catalogue: Catalogue
  private let offer: Offer
  private let hybridOffer: Offer
  private let warmed: ProductCalendar
  private let warmedHybrid: ProductCalendar
  private let pools: [PoolColumn]
  private let hybridPools: [PoolColumn]
  private let now = Instant(seconds: first.localSeconds)
  private let days: [CivilDate]

  init() {
    days = (0..<366).map { Year.first.advanced(by: $0) }
    catalogue = Year.catalogue()
    guard let offer = Offer("seat", in: catalogue), let hybrid = Offer("tour", in: catalogue) else {
      preconditionFailure("the catalogue has both")
    }
    self.offer = offer
    hybridOffer = hybrid
    (warmed, pools) = Year.furnish(offer, days)
    (warmedHybrid, hybridPools) = Year.furnish(hybrid, days)
  }

  // Two clock changes a year, as in Europe.
  private static let zone = Zone(
    name: "Europe/Madrid", initialOffset: 3600,
    transitions: [
      Zone.Transition(at: 1_774_746_000, offset: 7200),
      Zone.Transition(at: 1_792_890_000, offset: 3600),
    ])

  private static func catalogue() -> Catalogue {
    var catalogue = Catalogue()
    guard let start = ClockTime("00:00"), let end = ClockTime("24:00") else { return catalogue }
    let window = Window(
      days: Set(Weekday.allCases), start: start, end: end, slotMinutes: 15, stepMinutes: 15,
      limit: .units(seats))
    var boat = Resource(
      id: "boat-to-the-island", sellerID: "sol", timeZone: "Europe/Madrid",
      inventory: .slots([window]))
    boat.saleWindow = SaleWindow(
      leadTime: Interval(seconds: 1800), cutoffTime: ClockTime("20:00"), cutoffDaysBefore: 1)
    boat.seasons = [
      Season(
        id: "summer",
        dates: DateRange(from: first.advanced(by: 170), to: first.advanced(by: 240)),
        limit: .units(seats + 4))
    ]
    catalogue.put(boat, zone: zone)
    catalogue.put(
      Resource(id: "vests", sellerID: "sol", inventory: .stock(total: .units(1_000_000))),
      zone: .utc)
    catalogue.put(Product(id: "seat", sellerID: "sol", draws: [Draw(resourceID: boat.id)]))
    catalogue.put(
      Product(
        id: "tour", sellerID: "sol",
        draws: [Draw(resourceID: boat.id), Draw(resourceID: "vests", units: 2)]))
    return catalogue
  }

  private static func furnish(
    _ offer: Offer, _ dates: [CivilDate]
  ) -> (ProductCalendar, [PoolColumn]) {
    var calendar = ProductCalendar(offer)
    let days = dates.map { calendar.day($0) }
    // All that it sells is a stock or the boat's own slots.
    let columns = offer.resources.map { resource in
      let isStock = resource.resource.inventory.kind == .stock
      let ordinals: [Int64] =
        isStock ? [0] : days.flatMap { $0.slots.map(\.occurrence.ordinal) }
      var column = PoolColumn()
      for (index, ordinal) in ordinals.enumerated() {
        let held = Int64(index % 3)
        let expiry = held > 0 ? Instant(seconds: ordinal - 900) : nil
        column.append(
          ordinal,
          PoolView(
            pool: Pool(held: held, consumed: seats / 2 - held, revision: UInt64(index)),
            nextExpiry: expiry))
      }
      return column
    }
    return (calendar, columns)
  }

  /// Works out every day, and evaluates it.
  func cold() -> Int64 { evaluate(ProductCalendar(offer), at: now) }

  /// Evaluates days that were worked out before.
  func warm() -> Int64 { evaluate(warmed, at: now) }

  /// The same when everything is over, so that every slot has to be told why.
  func closed() -> Int64 {
    evaluate(warmed, at: Instant(seconds: days[365].advanced(by: 2).localSeconds))
  }

  private func evaluate(_ calendar: ProductCalendar, at now: Instant) -> Int64 {
    var calendar = calendar
    var evaluator = CalendarEvaluator(offer, quantity: 2, at: now, pools: pools)
    var sum: Int64 = 0
    for date in days {
      for answer in evaluator.availabilities(of: calendar.day(date)) {
        if let answer { sum &+= answer.remaining &+ Int64(answer.status.rawValue) }
      }
    }
    return sum
  }

  /// Slots found by their ids and judged one by one, as Reserve does it.
  func single(_ ids: [String]) -> Int64 {
    var sum: Int64 = 0
    for id in ids {
      let found = SlotPlan.find(productID: "seat", slotID: id, in: catalogue, at: now)
      guard case .plan(let plan) = found else { continue }
      let evaluator = Evaluator(plan, at: now)
      sum &+= Int64(evaluator.ruleObstacles(quantity: 1).count)
      let scarcity = evaluator.scarcity(
        quantity: 1, demand: plan.draws.map { $0.units }, views: plan.draws.map { _ in .untouched })
      sum &+= scarcity == nil ? 1 : 0
    }
    return sum
  }

  /// So many ids, spread over the year.
  func ids(_ count: Int) -> [String] {
    var calendar = warmed
    let all = days.flatMap { calendar.day($0).slotIDs }
    return (0..<count).map { all[$0 * 7_919 % all.count] }
  }

  /// One line for each of so many days.
  func summed(days count: Int) -> Int64 { sum(offer, warmed, pools, count) }

  /// The same of a product that takes two vests from a shelf with each seat.
  func hybrid(days count: Int) -> Int64 { sum(hybridOffer, warmedHybrid, hybridPools, count) }

  private func sum(
    _ offer: Offer, _ calendar: ProductCalendar, _ pools: [PoolColumn], _ count: Int
  ) -> Int64 {
    var calendar = calendar
    var evaluator = CalendarEvaluator(offer, quantity: 2, at: now, pools: pools)
    var sum: Int64 = 0
    for date in days.prefix(count) {
      let summary = evaluator.summary(of: calendar.day(date))
      sum &+= summary.totalRemaining &+ summary.largestParty &+ Int64(summary.openSlots)
    }
    return sum
  }
}
