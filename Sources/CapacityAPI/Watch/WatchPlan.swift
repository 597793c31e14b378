internal import Capacity
internal import CapacityEngine
internal import CupoSchema

/// The slots of a watch by one catalogue and one day, and which pool concerns which of them. A value; counters are not in it.
struct WatchPlan: Sendable {
  /// How many slots one watch may have.
  static let slotsMax = 200_000
  /// Days watched where neither dates nor a horizon bound them.
  static let defaultDays = 90

  let filter: WatchFilter
  /// The instant that it was made for.
  let madeAt: Instant
  /// Ascending by name, like `slots`.
  private(set) var names: [SlotName] = []
  private(set) var slots: [ListedSlot] = []
  private(set) var byPool: [PoolKey: [Int32]] = [:]
  /// What it has to be told of.
  private(set) var interest = ChangeInterest()
  /// How long the range and the dates of its stocks are as they are here.
  private(set) var today = SameDay()
  /// Tells plans with other names, or under other zone data, apart.
  private(set) var fingerprint: UInt64 = 0
  private var offers: [String: Offer] = [:]
  private let mayBeOver: Bool
  private let withdrawn: [String: [Int64]]
  /// Where slots can be booked that no schedule makes: by product the part of its primary resource.
  private(set) var ranges: [String: ReadQuery.Range] = [:]

  /// - Parameters:
  ///   - withdrawn: by product, slots that its schedule does not make any more but that are booked.
  ///   - mayBeOver: a range whose last date has gone by is empty, rather than a violation.
  init(
    _ filter: WatchFilter, in catalogue: Catalogue, _ calendars: CalendarCache, at now: Instant,
    withdrawn: [String: [Int64]] = [:], mayBeOver: Bool = false
  ) throws(Refusal) {
    self.filter = filter
    madeAt = now
    self.mayBeOver = mayBeOver
    self.withdrawn = withdrawn
    for productID in try filter.products(in: catalogue) {
      try add(productID, catalogue, calendars, now)
    }
    var mixed = Fingerprint()
    var last = ""
    for name in names {
      if name.productID != last { mixed.mix(name.productID.utf8) }
      last = name.productID
      mixed.mix(UInt64(bitPattern: name.ordinal))
    }
    mixZones(into: &mixed)
    fingerprint = mixed.value
  }

  // Under other zone data a slot has another id or other times, and no event of the log says so.
  private func mixZones(into mixed: inout Fingerprint) {
    var zones: [Zone] = []
    for (_, offer) in offers.sorted(by: { $0.key < $1.key }) {
      // A handful; a resource keeps the data that it was put with.
      for resource in offer.resources where !zones.contains(resource.zone) {
        zones.append(resource.zone)
      }
    }
    for zone in zones {
      mixed.mix(zone.name.utf8)
      for change in zone.history {
        mixed.mix(UInt64(bitPattern: change.at))
        mixed.mix(UInt64(bitPattern: Int64(change.offset)))
      }
    }
  }

  /// Whether `catalogue` still makes the same of the filter. Another day may not.
  func isCurrent(in catalogue: Catalogue) throws(Refusal) -> Bool {
    let products = try filter.products(in: catalogue)
    return products.count == offers.count
      && products.allSatisfy { id in
        guard let known = offers[id], let now = Offer(id, in: catalogue) else { return false }
        return known.isSame(as: now)
      }
  }

  /// The products that draw on one of `resources` or are among `products`.
  func products(touchedBy resources: Set<String>, _ products: Set<String>) -> Set<String> {
    Set(
      offers.keys.filter { id in
        products.contains(id)
          || offers[id]?.resources.contains { resources.contains($0.resource.id) } == true
      })
  }

  func hasSlot(of productID: String, _ ordinal: Int64) -> Bool {
    let name = SlotName(productID: productID, ordinal: ordinal)
    let index = names.partitioningIndex { $0 >= name }
    return index < names.count && names[index] == name
  }

  /// The slots that `pools` concern, ascending.
  func indices(concernedBy pools: some Sequence<PoolKey>) -> [Int] {
    var found: Set<Int32> = []
    for pool in pools { found.formUnion(byPool[pool] ?? []) }
    return found.sorted().map { Int($0) }
  }

  func pools(of indices: some Sequence<Int>) -> [PoolKey] {
    Array(Set(indices.flatMap { slots[$0].pools }))
  }

  private mutating func add(
    _ productID: String, _ catalogue: Catalogue, _ calendars: CalendarCache, _ now: Instant
  ) throws(Refusal) {
    guard let offer = Offer(productID, in: catalogue) else { return }
    offers[productID] = offer
    var listing = SlotListing(calendars.calendar(of: offer))
    guard !offer.isStock else {
      for slot in listing.stock(at: now) { try add(slot) }
      return
    }
    let zone = offer.primary.zone
    let today = zone.date(at: now)
    if filter.fromDate.isEmpty { self.today.add(today, in: zone) }
    if mayBeOver, filter.fromDate.isEmpty, let last = CivilDate(filter.toDate), last < today {
      return
    }
    let horizon = offer.primary.resource.saleWindow?.horizonDays ?? 0
    let days = horizon > 0 ? min(horizon + 1, AvailabilityHandlers.datesMax) : Self.defaultDays
    let span = try DateSpan(
      from: filter.fromDate, to: filter.toDate, today: today, defaultDays: days)
    if let ordinals = offer.ordinals(from: span.from, to: span.to) {
      ranges[productID] = .init(resourceID: offer.primary.resource.id, ordinals: ordinals)
    }
    let booked = withdrawn[productID] ?? []
    for date in span.dates() {
      for slot in listing.slots(on: date, withdrawn: booked, at: now) { try add(slot) }
    }
    calendars.keep(listing.calendar)
  }

  private mutating func add(_ slot: ListedSlot) throws(Refusal) {
    guard names.count < WatchPlan.slotsMax else {
      throw .violation(
        "product_ids",
        "More than \(WatchPlan.slotsMax) slots; name fewer products, or fewer dates.")
    }
    for pool in slot.pools {
      byPool[pool, default: []].append(Int32(names.count))
      interest.insert(pool)
    }
    names.append(SlotName(productID: slot.product.id, ordinal: slot.occurrence.ordinal))
    slots.append(slot)
    for (zone, date) in slot.stockDates { today.add(date, in: zone) }
  }
}
