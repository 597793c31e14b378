internal import Capacity
internal import CapacityEngine
internal import CupoSchema
internal import Protobuf

/// What one watcher watches: the slots, what it was told last of each, and which pool concerns which slot.
///
/// A value without I/O: it plans, says what must be read, and turns what was read into what has to be sent.
struct WatchedSlots {
  /// How many slots one watch may have.
  static let slotsMax = 200_000
  /// Days watched where neither dates nor a horizon bound them.
  static let defaultDays = 90

  struct Name: Hashable {
    var productID: String
    var ordinal: Int64
  }

  private struct Watched {
    var slot: ListedSlot
    var told: SlotAvailability?
    var boundary: Instant?
  }

  private let request: WatchAvailabilityRequest
  private var watched: [Name: Watched] = [:]
  private var order: [Name] = []
  private var byPool: [PoolKey: [Name]] = [:]
  private(set) var catalogueRevision: UInt64
  /// The resources whose pools concern this watch.
  private(set) var resources: Set<String> = []
  /// When the range itself moves on, because it begins today; nil: it does not.
  private(set) var rollsOver: Instant?

  init(
    _ request: WatchAvailabilityRequest, in catalogue: Catalogue, _ calendars: CalendarCache,
    at now: Instant
  ) throws(Refusal) {
    self.request = request
    catalogueRevision = catalogue.revision
    for productID in try WatchedSlots.products(request, in: catalogue) {
      try add(productID, catalogue, calendars, now)
    }
  }

  /// Whether `changes` can have added slots to this watch or taken some away.
  func isConcerned(by changes: Changes, in catalogue: Catalogue) -> Bool {
    guard !changes.everything, changes.resources.isDisjoint(with: resources) else { return true }
    return changes.products.contains { id in
      guard request.productIDs.isEmpty else { return request.productIDs.contains(id) }
      return request.sellerID.isEmpty || catalogue.product(id)?.sellerID == request.sellerID
    }
  }

  /// Every slot, in order.
  var names: [Name] { order }

  /// The slots that `pools` concern.
  func names(concernedBy pools: Set<PoolKey>) -> [Name] {
    var found: Set<Name> = []
    for pool in pools { found.formUnion(byPool[pool] ?? []) }
    return order(found)
  }

  /// The slots whose answer may have changed by time alone since they were looked at.
  func names(dueAt now: Instant) -> [Name] {
    order.filter { name in watched[name]?.boundary.map { $0 <= now } ?? false }
  }

  /// When the next answer can change by time alone.
  var nextBoundary: Instant? {
    [watched.values.compactMap(\.boundary).min(), rollsOver].compactMap { $0 }.min()
  }

  func pools(of names: some Sequence<Name>) -> [PoolKey] {
    Array(Set(names.flatMap { watched[$0]?.slot.pools ?? [] }))
  }

  /// What has to be sent of `names` by what was read, and keeps in mind that it was.
  mutating func updates(
    of names: [Name], _ views: [PoolKey: PoolView], at now: Instant
  ) -> [SlotAvailability] {
    names.compactMap { name in
      guard var entry = watched[name] else { return nil }
      let message = entry.slot.message(views, at: now, quantity: 0, withPools: false)
      entry.boundary = entry.slot.nextBoundary(after: now)
      let isNews = message != entry.told
      entry.told = message
      watched[name] = entry
      return isNews ? message : nil
    }
  }

  /// Looks at slots as they were told before: a watcher that resumes has been told everything up to then.
  mutating func assumeTold(upTo instant: Instant) {
    for (name, entry) in watched {
      watched[name]?.boundary = entry.slot.nextBoundary(after: instant)
    }
  }

  /// Takes over what `older` has told of slots that are still there.
  /// - Returns: the slots that are gone.
  mutating func replace(_ older: WatchedSlots) -> [SlotAvailability] {
    var removed: [SlotAvailability] = []
    for name in older.order {
      guard let told = older.watched[name]?.told else { continue }
      if watched[name] != nil {
        watched[name]?.told = told
        continue
      }
      var message = SlotAvailability()
      message.productID = told.productID
      message.slot = told.slot
      message.revision = told.revision + 1
      message.removed = true
      removed.append(message)
    }
    return removed
  }

  private func order(_ names: Set<Name>) -> [Name] {
    names.sorted { ($0.productID, $0.ordinal) < ($1.productID, $1.ordinal) }
  }

  private static func products(
    _ request: WatchAvailabilityRequest, in catalogue: Catalogue
  ) throws(Refusal) -> [String] {
    for id in request.productIDs where catalogue.product(id) == nil {
      throw Refusal(.productNotFound, [.init("product_id", id)])
    }
    let all = request.productIDs.isEmpty ? catalogue.products.map(\.id) : request.productIDs
    return Set(all).sorted().filter { id in
      request.sellerID.isEmpty || catalogue.product(id)?.sellerID == request.sellerID
    }
  }

  private mutating func add(
    _ productID: String, _ catalogue: Catalogue, _ calendars: CalendarCache, _ now: Instant
  ) throws(Refusal) {
    guard let offer = Offer(productID, in: catalogue) else { return }
    var listing = SlotListing(calendars.calendar(of: offer))
    resources.formUnion(offer.resources.map(\.resource.id))
    guard !offer.isStock else {
      for slot in listing.stock(at: now) { try add(slot) }
      return
    }
    let zone = offer.primary.zone
    let today = zone.date(at: now)
    let horizon = offer.primary.resource.saleWindow?.horizonDays ?? 0
    let days = horizon > 0 ? min(horizon + 1, AvailabilityHandlers.datesMax) : Self.defaultDays
    let span = try DateSpan(
      from: request.fromDate, to: request.toDate, today: today, defaultDays: days)
    if request.fromDate.isEmpty || request.toDate.isEmpty {
      let midnight = Instant(seconds: zone.start(of: today.advanced(by: 1)))
      rollsOver = min(rollsOver ?? midnight, midnight)
    }
    for date in span.dates() {
      for slot in listing.slots(on: date, at: now) { try add(slot) }
    }
    calendars.keep(listing.calendar)
  }

  private mutating func add(_ slot: ListedSlot) throws(Refusal) {
    guard order.count < WatchedSlots.slotsMax else {
      throw .violation(
        "product_ids",
        "More than \(WatchedSlots.slotsMax) slots; name fewer products, or fewer dates.")
    }
    let name = Name(productID: slot.product.id, ordinal: slot.occurrence.ordinal)
    watched[name] = Watched(slot: slot)
    order.append(name)
    for pool in slot.pools { byPool[pool, default: []].append(name) }
    if let midnight = slot.stockMidnight { rollsOver = min(rollsOver ?? midnight, midnight) }
  }
}
