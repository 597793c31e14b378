import Capacity
import CapacityEngine

/// Who edits the catalogue, and what there is at first.
extension World {
  /// The first definitions, put before anything goes wrong.
  func furnish() throws(Broken) {
    for index in 0..<swarm.resources {
      try post(.putResource(put(resource(index))), nodes[0])
      try turn(nodes[0])
    }
    for index in 0..<swarm.products {
      try furnish(index)
      for _ in 0..<8 where swarm.ahead != nil && truth.products["p\(index)"] == nil {
        try furnish(index)
      }
    }
  }

  private func furnish(_ product: Int) throws(Broken) {
    let put = Command.PutProduct(product: self.product(product), actor: "ed")
    try post(.putProduct(put), nodes[0])
    try turn(nodes[0])
  }

  private func post(_ command: Command, _ node: Node) throws(Broken) {
    requestsCount += 1
    try receive(Request(requestsCount, client: 0, .command(command)), node)
  }

  /// An editor or an operator sends a change.
  func edit() {
    requestsCount += 1
    let command: Command
    switch dice.below(10) {
    case 0..<3: command = .putResource(put(resource(dice.below(swarm.resources))))
    case 3..<5:
      var put = Command.PutProduct(product: product(dice.below(swarm.products)), actor: "ed")
      put.expectedVersion = version(truth.products[put.product.id]?.version)
      put.validateOnly = dice.once(in: 8)
      command = .putProduct(put)
    case 5..<7: command = .setPause(pause())
    default: command = .adjustStock(adjustment())
    }
    send(Request(requestsCount, client: dice.below(clients.count), .command(command)))
  }

  private func version(_ current: UInt64?) -> UInt64 {
    switch dice.below(4) {
    case 0: current ?? 0
    case 1: UInt64(dice.below(5))
    default: 0
    }
  }

  private func put(_ resource: Resource) -> Command.PutResource {
    let zone = zoneData.zone(resource.timeZone, zoneVersion.value) ?? .utc
    return Command.PutResource(
      resource: resource, zone: zone,
      expectedVersion: version(truth.resources[resource.id]?.version),
      validateOnly: truth.resources[resource.id] != nil && dice.once(in: 8), actor: "ed")
  }

  private func pause() -> Command.SetPause {
    let target: Command.SetPause.Target =
      dice.once(in: 2)
      ? .resource("r\(dice.below(swarm.resources))") : .product("p\(dice.below(swarm.products))")
    return Command.SetPause(target: target, paused: dice.once(in: 3), actor: "ed")
  }

  private func adjustment() -> Command.AdjustStock {
    Command.AdjustStock(
      resourceID: "r\(dice.below(swarm.resources))", delta: dice.from(-6, to: 8),
      requestID: "a\(dice.once(in: 4) ? dice.below(8) : requestsCount)", actor: "ed")
  }

  // MARK: Definitions

  /// Whose the resource, or the product, with this number is.
  func seller(_ index: Int) -> String {
    swarm.lanes == 1 ? "sol" : "s\(index % swarm.sellers)"
  }

  /// The kind of a resource follows from its number, for it never changes.
  private func kind(_ index: Int) -> Inventory.Kind {
    switch (UInt64(index) &+ seed) % 3 {
    case 0: .stock
    case 1: .daily
    default: .slots
    }
  }

  private func resource(_ index: Int) -> Resource {
    let kind = kind(index)
    var resource = Resource(
      id: "r\(index)", sellerID: seller(index),
      timeZone: ZoneData.names[(index + Int(seed % 3)) % 3], inventory: inventory(kind))
    let today = Int32(now / 86_400_000_000)
    if dice.once(in: 6) {
      let from = CivilDate(day: today + Int32(dice.below(3)))
      resource.closures = [
        Closure(
          id: "c", dates: DateRange(from: from, to: from.advanced(by: dice.below(2))),
          reason: dice.pick(Closure.Reason.allCases))
      ]
    }
    if kind != .stock, dice.once(in: 5) {
      let date = CivilDate(day: today + Int32(dice.below(3)))
      resource.overrides = [
        DateOverride(dates: DateRange(from: date, to: date), limit: limit())
      ]
    }
    if dice.once(in: 6) { resource.saleWindow = saleWindow(kind) }
    if dice.once(in: 6) {
      let until = Instant(microseconds: now + dice.from(1, to: 3_600_000_000))
      resource.overbooking = OverbookingBudget(
        units: dice.from(1, to: 3), reason: "no-shows", until: dice.once(in: 2) ? until : nil)
    }
    return resource
  }

  private func limit() -> Limit {
    dice.once(in: 12) ? .unlimited : .units(dice.from(0, to: swarm.limitMax))
  }

  private func inventory(_ kind: Inventory.Kind) -> Inventory {
    switch kind {
    case .stock: return .stock(total: limit())
    case .daily: return .daily(DailyCapacity(defaultLimit: limit()))
    case .slots:
      // Over the hour in which clocks change, and beyond.
      let start = dice.pick([0, 60, 150])
      let step = dice.pick([30, 60])
      let window = Window(
        days: Set(Weekday.allCases), start: time(start),
        end: time(start + 180 + 60 * dice.below(3)), slotMinutes: 30,
        stepMinutes: step, limit: limit())
      return .slots([window])
    }
  }

  private func time(_ minutes: Int) -> ClockTime {
    guard let time = ClockTime(minutes: minutes) else { preconditionFailure("not a time of day") }
    return time
  }

  private func saleWindow(_ kind: Inventory.Kind) -> SaleWindow {
    var window = SaleWindow()
    if kind != .stock {
      if dice.once(in: 2) { window.leadTime = Interval(seconds: dice.from(1, to: 7200)) }
      if dice.once(in: 3) { window.horizonDays = 1 + dice.below(2) }
      if dice.once(in: 3) {
        window.cutoffTime = ClockTime(minutes: 60 * dice.below(24))
        window.cutoffDaysBefore = dice.below(2)
      }
    }
    if dice.once(in: 2) {
      window.onSaleFrom = Instant(microseconds: now + dice.from(-10, to: 60) * 1_000_000)
    }
    if dice.once(in: 2) {
      window.onSaleUntil = Instant(microseconds: now + dice.from(61, to: 600) * 1_000_000)
    }
    return window
  }

  private func product(_ index: Int) -> Product {
    var ids: [Int] = []
    for _ in 0..<(1 + dice.below(3)) {
      // What it draws on is its own seller's.
      let own = index % swarm.sellers
      let count = (swarm.resources - own + swarm.sellers - 1) / swarm.sellers
      let id = own + swarm.sellers * dice.below(count)
      if !ids.contains(id) { ids.append(id) }
    }
    // The finest first.
    ids.sort { (kind($1).rawValue, $0) < (kind($0).rawValue, $1) }
    var product = Product(
      id: "p\(index)", sellerID: seller(index),
      draws: ids.map { Draw(resourceID: "r\($0)", units: dice.from(1, to: dice.pick([1, 1, 3]))) })
    product.holds.maxExtensions = dice.below(3)
    if dice.once(in: 4) { product.holds.maxTTL = Interval(seconds: dice.from(2, to: 60)) }
    if dice.once(in: 4) { product.holds.maxHoldAge = Interval(seconds: dice.from(10, to: 600)) }
    if dice.once(in: 8) { product.limits.maxQuantity = dice.from(1, to: 4) }
    if dice.once(in: 8) { product.limits.minQuantity = 2 }
    if product.limits.maxQuantity == 1 { product.limits.minQuantity = 0 }
    if swarm.limitsBuyers, dice.once(in: 2) {
      if dice.once(in: 2) { product.limits.maxHeldPerBuyer = dice.from(1, to: 6) }
      if dice.once(in: 2) { product.limits.maxPerBuyerPerDay = dice.from(1, to: 9) }
    }
    return product
  }
}
