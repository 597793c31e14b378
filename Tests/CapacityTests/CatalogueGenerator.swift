import Capacity
import SeededRandom

/// Makes catalogues with every kind of rule in them, and sells some of what they offer.
struct CatalogueGenerator {
  static let zones = [
    "America/Bogota", "Europe/Madrid", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia",
  ]
  /// Around clock changes of the zones above, and an ordinary week.
  static let mondays = ["2026-03-23", "2026-03-30", "2026-10-19", "2026-10-26", "2026-12-14"]

  var random: SplitMix
  var desk: Desk
  let first: CivilDate
  private(set) var productIDs: [String] = []

  init(seed: UInt64) throws {
    random = SplitMix(seed: seed)
    first = date(Self.mondays[Int(random.next() % UInt64(Self.mondays.count))])
    desk = Desk(at: "\(first.advanced(by: -2))T12:00:00")
    for index in 0..<4 { try putSlots("s\(index)") }
    for index in 0..<3 { try putDaily("d\(index)") }
    for index in 0..<2 { try putStock("k\(index)") }
    for index in 0..<6 { putProduct("p\(index)") }
    sell()
    move()
  }

  mutating func chance(_ of: Int) -> Bool { Int.random(in: 0..<of, using: &random) == 0 }

  mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }

  private mutating func dates() -> DateRange {
    let from = first.advanced(by: number(-2...7))
    return DateRange(from: from, to: from.advanced(by: number(0...3)))
  }

  private mutating func limit() -> Limit {
    chance(8) ? .unlimited : .units(Int64(number(0...9)))
  }

  // MARK: Resources

  mutating func putSlots(_ id: String) throws {
    let zone = Self.zones[number(0...Self.zones.count - 1)]
    let start = number(0...20)
    let length = [30, 45, 60, 90][number(0...3)]
    var windows = [
      window(
        start < 10 ? "0\(start):00" : "\(start):00", "24:00", slot: length,
        step: length * number(1...2), limit: limit())
    ]
    if chance(3) { windows[0].days = [.monday, .wednesday, .saturday, .sunday] }
    try put(Resource(id: id, sellerID: "sol", timeZone: zone, inventory: .slots(windows)))
  }

  mutating func putDaily(_ id: String) throws {
    var capacity = DailyCapacity(defaultLimit: limit())
    if chance(2) { capacity.weekdays = [.sunday: limit(), .tuesday: limit()] }
    try put(
      Resource(
        id: id, sellerID: "sol", timeZone: Self.zones[number(0...Self.zones.count - 1)],
        inventory: .daily(capacity)))
  }

  mutating func putStock(_ id: String) throws {
    try put(
      Resource(id: id, sellerID: "sol", inventory: .stock(total: .units(Int64(number(0...30))))))
  }

  /// Replaces one of the resources by another of its kind, with a schedule and rules of its own.
  mutating func editResource() throws {
    let ids = desk.set.catalogue.resources.map(\.resource.id).sorted()
    let id = ids[number(0...ids.count - 1)]
    switch id.first {
    case "s": try putSlots(id)
    case "d": try putDaily(id)
    default: try putStock(id)
    }
  }

  private mutating func put(_ plain: Resource) throws {
    var resource = plain
    let isStock = resource.inventory.kind == .stock
    if chance(3) {
      resource.closures = [Closure(id: "c", dates: dates(), reason: .vacation)]
      if chance(2) { resource.closures.append(Closure(id: "e", dates: dates(), reason: .blackout)) }
    }
    if chance(3) {
      resource.seasons = [Season(id: "high", dates: dates(), limit: isStock ? nil : limit())]
      if chance(2) { resource.seasons[0].saleWindow = saleWindow(isStock) }
    }
    if !isStock, chance(3) { resource.overrides = [DateOverride(dates: dates(), limit: limit())] }
    if chance(3) { resource.saleWindow = saleWindow(isStock) }
    if chance(5) {
      resource.overbooking = OverbookingBudget(
        units: 2, reason: "no-shows", until: chance(2) ? desk.now + Interval(seconds: 86_400) : nil)
    }
    resource.paused = chance(20)
    desk.put(resource, zone: try Zones.read(resource.timeZone))
  }

  private mutating func saleWindow(_ isStock: Bool) -> SaleWindow {
    var window = SaleWindow()
    if chance(3) {
      window.onSaleFrom = desk.now + Interval(seconds: Int64(number(-3...3)) * 86_400)
    }
    if chance(3) {
      window.onSaleUntil = desk.now + Interval(seconds: Int64(number(4...9)) * 86_400)
    }
    guard !isStock else { return window }
    if chance(2) { window.leadTime = Interval(seconds: Int64(number(1...200)) * 900) }
    if chance(2) {
      window.cutoffTime = ClockTime(minutes: number(0...23) * 60)
      window.cutoffDaysBefore = number(0...2)
    }
    if chance(2) { window.horizonDays = number(1...9) }
    return window
  }

  // MARK: Products

  mutating func putProduct(_ id: String) {
    let ids = ["s0", "s1", "s2", "s3", "d0", "d1", "d2", "k0", "k1"].shuffled(using: &random)
    // The finest first; the names sort the other way round.
    let rank = ["s": 0, "d": 1, "k": 2]
    let chosen = ids.prefix(number(1...3)).sorted {
      (rank[String($0.prefix(1))] ?? 0, $0) < (rank[String($1.prefix(1))] ?? 0, $1)
    }
    var product = Product(
      id: id, sellerID: "sol",
      draws: chosen.map { Draw(resourceID: $0, units: Int64(number(1...3))) })
    if chance(3) {
      product.limits = PurchaseLimits(minQuantity: Int64(number(0...2)), maxQuantity: 4)
    }
    if chance(2) { product.limitedThresholdPercent = 30 }
    product.paused = chance(20)
    if chance(2) {
      product.pricingTriggers = (1...number(1...2)).map { index in
        PricingTrigger(
          id: "t\(index)", condition: .occupancyAtLeast(percent: number(1...100)),
          adjustmentBasisPoints: 100 * index)
      }
    }
    guard desk.put(product).rejection == nil else { return }
    if !productIDs.contains(id) { productIDs.append(id) }
  }

  // MARK: Life

  private mutating func sell() {
    for number in 0..<120 {
      guard let id = productIDs.randomElement(using: &random),
        let offer = Offer(id, in: desk.set.catalogue)
      else { continue }
      let quantity = Int64(self.number(1...4))
      guard let slot = slotIDs(of: offer).randomElement(using: &random) else { continue }
      let made = desk.reserve(
        line(id, quantity, slot: slot), key: "sell-\(number)",
        ttl: Int64(self.number(3600...86_400)))
      if let reservation = made.reservation, chance(2) { desk.consume(reservation.number) }
    }
  }

  private mutating func move() {
    desk.advance(Int64(number(0...6 * 86_400)))
    desk.settle()
  }

  /// The slots of the ten days from the first on; of a stock the empty id.
  func slotIDs(of offer: Offer) -> [String] {
    guard !offer.isStock else { return [""] }
    var calendar = ProductCalendar(offer)
    return (-1..<9).flatMap { calendar.day(first.advanced(by: $0)).slotIDs }
  }
}
