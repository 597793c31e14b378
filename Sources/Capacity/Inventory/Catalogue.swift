/// Everything that is configured: resources with their zones, and products. A value; copies are cheap.
package struct Catalogue: Sendable {
  private var resourcesByID = SplitTable<ScheduledResource>()
  private var productsByID = SplitTable<Product>()
  // How many products limit their buyers.
  private var limitingCount = 0
  // Products with occupancy triggers, by the resources that they draw on.
  private var triggered: [String: Set<String>] = [:]
  // Products with triggers by days.
  private var triggeredByDays: Set<String> = []
  // The time zones of all resources, and how many have each.
  private var zones: [String: (zone: Zone, count: Int)] = [:]
  /// Grows with every change of the catalogue, within one run of the process.
  package private(set) var revision: UInt64 = 0

  package init() {}

  /// Takes the place of `other`, and so is no revision of it that anybody has seen.
  mutating func replace(_ other: Catalogue) {
    revision = max(revision, other.revision) + 1
  }

  package func resource(_ id: String) -> ScheduledResource? { resourcesByID[id] }
  package func product(_ id: String) -> Product? { productsByID[id] }

  package var resources: some Collection<ScheduledResource> { resourcesByID.values }
  package var products: some Collection<Product> { productsByID.values }

  package mutating func put(_ resource: Resource, zone: Zone) {
    restore(ScheduledResource(resource, zone: zone), id: resource.id)
  }

  /// Whether any product has a trigger that depends on how much is taken.
  var hasOccupancyTriggers: Bool { !triggered.isEmpty }

  /// Those that draw on a resource, by their ids.
  func productsWithTriggers(on resourceID: String) -> [Product] {
    guard let ids = triggered[resourceID] else { return [] }
    return ids.sorted().compactMap { productsByID[$0] }
  }

  /// Those with triggers that turn on some days before a slot, by their ids.
  var productsWithDayTriggers: [Product] {
    triggeredByDays.sorted().compactMap { productsByID[$0] }
  }

  /// The first midnight after `instant` at which such a trigger can turn on; nil: there are none.
  func nextMidnight(after instant: Instant) -> Instant? {
    guard !triggeredByDays.isEmpty else { return nil }
    return zones.values.map { $0.zone.midnight(after: instant) }.min()
  }

  /// Whether any product limits its buyers.
  package var limitsBuyers: Bool { limitingCount > 0 }

  package mutating func put(_ product: Product) {
    restore(product, id: product.id)
  }

  mutating func restore(_ resource: ScheduledResource?, id: String) {
    let before = resourcesByID[id]
    if let name = before?.resource.timeZone {
      zones[name]?.count -= 1
      if zones[name]?.count == 0 { zones[name] = nil }
    }
    if let resource {
      zones[resource.resource.timeZone, default: (resource.zone, 0)].count += 1
    }
    resourcesByID[id] = resource
    revision += 1
  }

  mutating func restore(_ product: Product?, id: String) {
    let before = productsByID[id]
    if before?.limits.concernBuyers == true { limitingCount -= 1 }
    if product?.limits.concernBuyers == true { limitingCount += 1 }
    if let before, before.hasOccupancyTriggers {
      for draw in before.draws { triggered[draw.resourceID]?.remove(id) }
      triggered = triggered.filter { !$0.value.isEmpty }
    }
    if let product, product.hasOccupancyTriggers {
      for draw in product.draws { triggered[draw.resourceID, default: []].insert(id) }
    }
    if product?.hasDayTriggers == true {
      triggeredByDays.insert(id)
    } else {
      triggeredByDays.remove(id)
    }
    productsByID[id] = product
    revision += 1
  }
}
