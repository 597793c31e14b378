import Capacity

/// Where and when a product is sold, worked out from the definitions as they were put.
extension Truth {
  /// A day, a slot or a stock at the moment of a decision.
  struct Place {
    var ordinal: Int64
    var day: Int64
    var start: Int64
    var end: Int64
    var limit: Int64?
    var isWithdrawn = false
  }

  /// One draw of a product in one place.
  struct Drawn {
    var resource: Resource
    var zone: ZoneTable
    var place: Place
    var units: Int64

    var pool: PoolKey { PoolKey(resourceID: resource.id, ordinal: place.ordinal) }
  }

  enum Found {
    case drawn(Product, [Drawn])
    case refused(Obstacle.Kind)
  }

  /// The zones of the resources, as one node has them.
  typealias Zones = [String: ZoneTable]

  func find(_ productID: String, _ slot: String, _ zones: Zones, _ now: Instant) -> Found {
    guard let product = products[productID], let spelling = spellings[slot],
      let first = resources[product.draws[0].resourceID], let zone = zones[first.id]
    else { return .refused(.productNotFound) }
    let primary: Place
    switch (first.inventory, spelling) {
    case (.stock, .stock): primary = stock(first, zone, now)
    case (.daily, .day(let day)): primary = self.day(first, zone, day)
    case (.slots, .start(let second, let offset)) where zone.offset(at: second) == offset:
      guard let place = slotStart(first, zone, second) else { return .refused(.noSlotAtTime) }
      primary = place
    default: return .refused(.slotMalformed)
    }
    var drawn: [Drawn] = []
    for draw in product.draws {
      guard let resource = resources[draw.resourceID], let zone = zones[resource.id],
        let place = drawn.isEmpty ? primary : beside(primary, first, resource, zone, now)
      else { return .refused(.noSlotAtTime) }
      drawn.append(Drawn(resource: resource, zone: zone, place: place, units: draw.units))
    }
    return .drawn(product, drawn)
  }

  private func beside(
    _ primary: Place, _ first: Resource, _ resource: Resource, _ zone: ZoneTable, _ now: Instant
  ) -> Place? {
    switch (resource.inventory, first.inventory) {
    case (.stock, _): stock(resource, zone, now)
    case (.daily, .slots): day(resource, zone, zone.day(at: primary.start))
    case (.daily, _): day(resource, zone, primary.day)
    case (.slots, .slots): slotStart(resource, zone, primary.start)
    case (.slots, _): nil
    }
  }

  // MARK: Kinds

  private func stock(_ resource: Resource, _ zone: ZoneTable, _ now: Instant) -> Place {
    var limit: Int64? = 0
    if case .stock(let total?) = resource.inventory { limit = units(total) }
    return Place(
      ordinal: 0, day: zone.day(at: now.seconds), start: .min, end: .max, limit: limit)
  }

  private func day(_ resource: Resource, _ zone: ZoneTable, _ day: Int64) -> Place {
    var limit: Int64? = 0
    if case .daily(let capacity) = resource.inventory { limit = units(capacity.defaultLimit) }
    return Place(
      ordinal: day, day: day, start: zone.start(ofDay: day), end: zone.start(ofDay: day + 1),
      limit: overridden(limit, resource, day))
  }

  private func slotStart(_ resource: Resource, _ zone: ZoneTable, _ second: Int64) -> Place? {
    guard case .slots(let windows) = resource.inventory else { return nil }
    let day = zone.day(at: second)
    for window in windows {
      let length = Int64(window.slotMinutes) * 60
      let end = zone.second(ofLocal: day * 86_400 + Int64(window.end.minutes) * 60)
      var start = zone.second(ofLocal: day * 86_400 + Int64(window.start.minutes) * 60)
      while start + length <= end {
        if start == second {
          return Place(
            ordinal: second, day: day, start: second, end: second + length,
            limit: overridden(units(window.limit), resource, day))
        }
        start += Int64(window.stepMinutes) * 60
      }
    }
    return nil
  }

  private func units(_ limit: Limit) -> Int64? {
    if case .units(let units) = limit { units } else { nil }
  }

  private func overridden(_ limit: Int64?, _ resource: Resource, _ day: Int64) -> Int64? {
    for rule in resource.overrides
    where Int64(rule.dates.from.day) <= day && day <= Int64(rule.dates.to.day) {
      if let own = rule.limit { return units(own) }
    }
    return limit
  }

  // MARK: Limits

  /// What a place carries, overbooking included; nil: any number.
  func limit(_ place: Place, _ resource: Resource, _ now: Instant) -> Int64? {
    guard let limit = place.limit, !place.isWithdrawn else { return place.limit }
    guard let budget = resource.overbooking else { return limit }
    let isOver = budget.until.map { now >= $0 } ?? false
    return isOver ? limit : limit + budget.units
  }

  /// The place with this ordinal that is not over yet; one that nothing makes any more carries nothing.
  func place(_ ordinal: Int64, _ resource: Resource, _ zone: ZoneTable, _ now: Instant) -> Place? {
    switch resource.inventory {
    case .stock: return stock(resource, zone, now)
    case .daily: return ordinal < zone.day(at: now.seconds) ? nil : day(resource, zone, ordinal)
    case .slots:
      if now >= Instant(seconds: ordinal) { return nil }
      return slotStart(resource, zone, ordinal)
        ?? Place(
          ordinal: ordinal, day: zone.day(at: ordinal), start: ordinal, end: ordinal, limit: 0,
          isWithdrawn: true)
    }
  }

  /// The starts that a resource has on a local day, ascending.
  func starts(_ resource: Resource, _ zone: ZoneTable, _ day: Int64) -> [Int64] {
    guard case .slots(let windows) = resource.inventory else { return [] }
    var found: [Int64] = []
    for window in windows {
      let end = zone.second(ofLocal: day * 86_400 + Int64(window.end.minutes) * 60)
      var start = zone.second(ofLocal: day * 86_400 + Int64(window.start.minutes) * 60)
      while start + Int64(window.slotMinutes) * 60 <= end {
        if !found.contains(start) { found.append(start) }
        start += Int64(window.stepMinutes) * 60
      }
    }
    return found.sorted()
  }
}
