// Occupancy triggers turn on and off as units come and go: each crossing flips a latch and is an event.
//
// The slots that are looked at are those whose own pools moved. A slot that only shares a day's quota or a shelf with them is
// looked at when something of its own moves; until then what is said of it follows its occupancy all the same.
extension Ledger {
  /// Flips the latches that `movements`, and the slots of `lines`, call for.
  static func crossTriggers(
    _ movements: [Capacity.Movement], _ lines: [ReservationLine], at instant: Instant,
    _ set: inout WorkingSet, _ now: Instant
  ) {
    guard set.catalogue.hasOccupancyTriggers else { return }
    var slots: [SlotName] = []
    for movement in movements {
      for product in set.catalogue.productsWithTriggers(on: movement.pool.resourceID) {
        guard sharesSlots(product, movement.pool.resourceID, set.catalogue) else { continue }
        slots.append(SlotName(productID: product.id, ordinal: movement.pool.ordinal))
      }
    }
    for line in lines {
      guard let primary = line.draws.first?.pool,
        let product = set.catalogue.product(line.productID), product.hasOccupancyTriggers,
        product.draws.first?.resourceID == primary.resourceID
      else { continue }
      slots.append(SlotName(productID: product.id, ordinal: primary.ordinal))
    }
    var seen: Set<SlotName> = []
    for slot in slots where seen.insert(slot).inserted { flip(slot, at: instant, &set, now) }
  }

  /// As above, after a change of `resource`: every slot of the products that draw on it.
  static func crossTriggers(
    ofProductsOn resourceID: String, _ set: inout WorkingSet, _ now: Instant
  ) {
    guard set.catalogue.hasOccupancyTriggers else { return }
    for product in set.catalogue.productsWithTriggers(on: resourceID) {
      crossTriggers(of: product, &set, now)
    }
  }

  /// As above, after a change of a product.
  static func crossTriggers(
    of product: Product, replacing before: Product? = nil, _ set: inout WorkingSet,
    _ now: Instant
  ) {
    for trigger in before?.pricingTriggers ?? [] where trigger.isByOccupancy {
      let stays = product.pricingTriggers.contains { $0.id == trigger.id && $0.isByOccupancy }
      let isSamePlace = before?.draws.first?.resourceID == product.draws.first?.resourceID
      if !stays || !isSamePlace { turnOff(trigger, of: product, &set, now) }
    }
    guard product.hasOccupancyTriggers, let primary = product.draws.first else { return }
    for ordinal in set.ordinals(of: primary.resourceID, in: .min ... .max) {
      flip(SlotName(productID: product.id, ordinal: ordinal), at: now, &set, now)
    }
  }

  private struct SlotName: Hashable {
    var productID: String
    var ordinal: Int64
  }

  // Whether a pool of the resource tells which slot of the product it is for.
  private static func sharesSlots(
    _ product: Product, _ resourceID: String, _ catalogue: Catalogue
  ) -> Bool {
    guard let first = product.draws.first?.resourceID, first != resourceID else { return true }
    return catalogue.resource(first)?.resource.inventory.kind == .slots
      && catalogue.resource(resourceID)?.resource.inventory.kind == .slots
  }

  // A slot that is over has no price any more.
  private static func flip(
    _ slot: SlotName, at instant: Instant, _ set: inout WorkingSet, _ now: Instant
  ) {
    guard let offer = Offer(slot.productID, in: set.catalogue),
      let occurrence = offer.primary.occurrence(ofOrdinal: slot.ordinal, at: now),
      !occurrence.isWithdrawn, case .plan(let plan) = offer.plan(occurrence, at: now)
    else { return }
    let views = plan.draws.map { set.view($0.pool) }
    let headroom = Evaluator(plan, at: now).headroom(views: views)
    let tightest = plan.draws[headroom.tightest].pool
    for trigger in plan.product.pricingTriggers {
      guard case .occupancyAtLeast(let percent) = trigger.condition else { continue }
      let latch = PoolKey(latchOf: trigger.id, product: slot.productID, ordinal: slot.ordinal)
      let wasOn = set.pool(latch).isLatched
      let isOn = TriggerRule.isOn(percent, wasOn: wasOn, headroom)
      if isOn != wasOn {
        write(latch, isOn, of: trigger, plan.product, beside: tightest, at: instant, &set)
      }
    }
  }

  private static func turnOff(
    _ trigger: PricingTrigger, of product: Product, _ set: inout WorkingSet, _ now: Instant
  ) {
    let name = PoolKey(latchOf: trigger.id, product: product.id, ordinal: 0).resourceID
    for ordinal in set.ordinals(of: name, in: .min ... .max) {
      let latch = PoolKey(resourceID: name, ordinal: ordinal)
      if set.pool(latch).isLatched {
        write(latch, false, of: trigger, product, beside: nil, at: now, &set)
      }
    }
  }

  private static func write(
    _ latch: PoolKey, _ isOn: Bool, of trigger: PricingTrigger, _ product: Product,
    beside tightest: PoolKey?, at instant: Instant, _ set: inout WorkingSet
  ) {
    let change: Int64 = isOn ? 1 : -1
    let balance = set.write(latch) { pool in
      pool.consumed += change
      pool.revision += 1
    }
    var movements = [Capacity.Movement(pool: latch, consumed: change, balance: balance)]
    if let tightest {
      movements.append(Capacity.Movement(pool: tightest, balance: set.pool(tightest)))
    }
    set.append(
      isOn ? .pricingTriggerOn : .pricingTriggerOff, at: instant,
      .product(product), movements, actor: "cupo", reason: trigger.id)
  }

  // MARK: By days

  /// Midnights at most that are made up for after a time in which nobody decided: what turned on before them is not told.
  private static let daysMax = 31

  /// Tells which triggers by days have turned on by `now`: one event for each product, trigger and date that has slots. The
  /// decision clock is their memory: what is due behind it is told by the batch that moves it.
  static func turnTriggersOn(_ set: inout WorkingSet, at now: Instant) {
    guard let next = set.nextTriggerTime(), next <= now else {
      // What a product that comes later would have turned on is no news.
      return set.setTriggersTold(max(set.triggersTold, now))
    }
    let told = set.triggersTold
    set.tellTriggers(until: now)
    for product in set.catalogue.productsWithDayTriggers {
      guard let offer = Offer(product.id, in: set.catalogue), !offer.isStock else { continue }
      let zone = offer.primary.zone
      let last = zone.date(at: now)
      // From the present date on: where the clock goes back over midnight its beginning may be still to come.
      let first = max(zone.date(at: told), last.advanced(by: -daysMax))
      for day in first.day...max(first.day, last.day) {
        let date = CivilDate(day: day)
        let at = Instant(seconds: zone.start(of: date))
        if at > told, at <= now { turnOn(offer, on: date, at: at, &set) }
      }
    }
  }

  private static func turnOn(
    _ offer: Offer, on date: CivilDate, at instant: Instant, _ set: inout WorkingSet
  ) {
    for trigger in offer.product.pricingTriggers {
      guard case .daysBefore(let days) = trigger.condition else { continue }
      let slots = offer.primary.occurrences(on: date.advanced(by: days))
      guard !slots.isEmpty else { continue }
      // Nothing moves: they say which slots it is on for.
      let movements = slots.map { slot in
        let pool = PoolKey(resourceID: offer.primary.resource.id, ordinal: slot.ordinal)
        return Capacity.Movement(pool: pool, balance: set.pool(pool))
      }
      set.append(
        .pricingTriggerOn, at: instant, .product(offer.product), movements, actor: "cupo",
        reason: trigger.id)
    }
  }
}
