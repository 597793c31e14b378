// Occupancy triggers turn on and off as units come and go, and each turn is an event in the batch of the movement that caused it.
//
// What a command does to a slot's own pools is told slot by slot; what it does to a pool that slots share, a day's quota or a shelf,
// is told once for all of them (`TriggerCrossing`). The one thing to know: a command's work here grows with the pools that it moves
// and with the products that have such triggers on them, never with the slots that share a pool.
extension Ledger {
  /// Tells what `movements`, which have been made, turn on and off. Latches that flip are added to the last event, which has made them.
  static func crossTriggers(
    _ movements: [Capacity.Movement], at instant: Instant, _ set: inout WorkingSet
  ) {
    guard set.catalogue.hasOccupancyTriggers else { return }
    var (products, seen) = ([Product](), Set<String>())
    for movement in movements {
      products += set.catalogue.productsWithTriggers(on: movement.pool.resourceID)
        .filter { seen.insert($0.id).inserted }
    }
    guard !products.isEmpty else { return }
    let cause = set.journal.events.count - 1
    let before = Dictionary(uniqueKeysWithValues: movements.map { ($0.pool, $0.poolBefore) })
    var looks: Int? = TriggerCrossing.poolsMax
    for product in products {
      guard let offer = Offer(product.id, in: set.catalogue) else { continue }
      let after = TriggerSide(offer, at: instant)
      var crossing = TriggerCrossing(
        product, before: TriggerSide(offer, at: instant, pools: before), after: after, at: instant)
      let moved = movements.compactMap { movement in
        after.draw(on: movement.pool.resourceID).map { (draw: $0, pool: movement.pool) }
      }
      for (draw, pool) in moved { crossing.latch(draw, pool.ordinal, &set) }
      for (draw, pool) in moved where after.isOwn(draw) { crossing.tell(slot: pool.ordinal, &set) }
      for (draw, pool) in moved where !after.isOwn(draw) {
        crossing.tell(sharing: pool, looks: &looks, &set)
      }
      set.add(crossing.takeRest(), toEvent: cause)
    }
  }

  /// The products with such triggers on a resource, as they are before it changes.
  static func triggeredOffers(on resourceID: String, _ set: WorkingSet) -> [Offer] {
    guard set.catalogue.hasOccupancyTriggers else { return [] }
    return set.catalogue.productsWithTriggers(on: resourceID)
      .compactMap { Offer($0.id, in: set.catalogue) }
  }

  /// As above, after a change of a resource that `offers` draw on, which are as they were before it.
  static func crossTriggers(
    of offers: [Offer], on resourceID: String, at now: Instant, _ set: inout WorkingSet
  ) {
    let cause = set.journal.events.count - 1
    for before in offers {
      guard let offer = Offer(before.product.id, in: set.catalogue) else { continue }
      let after = TriggerSide(offer, at: now)
      guard let draw = after.draw(on: resourceID) else { continue }
      var crossing = TriggerCrossing(
        offer.product, before: TriggerSide(before, at: now), after: after, at: now)
      for ordinal in set.ordinals(of: resourceID, in: .min ... .max) {
        crossing.latch(draw, ordinal, &set)
      }
      if offer.resources[draw].resource.inventory.kind == .stock, !after.isOwn(draw) {
        var looks: Int? = TriggerCrossing.poolsMax
        crossing.tell(
          sharing: PoolKey(resourceID: resourceID, ordinal: 0), looks: &looks, &set)
      } else {
        tellEverything(of: after, &crossing, &set)
      }
      set.add(crossing.takeRest(), toEvent: cause)
    }
  }

  /// As above, after a change of a product, which was `before`.
  static func crossTriggers(
    of product: Product, replacing before: Offer?, at now: Instant, _ set: inout WorkingSet
  ) {
    guard let offer = Offer(product.id, in: set.catalogue),
      product.hasOccupancyTriggers || before?.product.hasOccupancyTriggers == true
    else { return }
    let cause = set.journal.events.count - 1
    let (old, new) = (before.map { TriggerSide($0, at: now) }, TriggerSide(offer, at: now))
    let isSamePlace = before.map { $0.primary === offer.primary } ?? true
    var crossing = TriggerCrossing(
      product, before: old, after: isSamePlace ? new : nil, at: now)
    // Where its slots are others, latches of the same name are of other pools.
    let names = product.latches(from: isSamePlace ? 0 : 1).map(\.name)
    for latch in before?.product.latches() ?? [] where !names.contains(latch.name) {
      crossing.unlatch(latch.name, &set)
    }
    if isSamePlace { latch(new, &crossing, &set) }
    if let old { tellEverything(of: old, &crossing, &set) }
    if isSamePlace {
      tellEverything(of: new, &crossing, &set)
      return set.add(crossing.takeRest(), toEvent: cause)
    }
    set.add(crossing.takeRest(), toEvent: cause)
    // A latch that is put out and on again must be in the log in this order.
    let last = set.journal.events.count - 1
    crossing = TriggerCrossing(product, before: nil, after: new, at: now)
    latch(new, &crossing, &set)
    tellEverything(of: new, &crossing, &set)
    set.add(crossing.takeRest(), toEvent: last)
  }

  private static func latch(
    _ side: TriggerSide, _ crossing: inout TriggerCrossing, _ set: inout WorkingSet
  ) {
    for (draw, resource) in side.offer.resources.enumerated() {
      for ordinal in set.ordinals(of: resource.resource.id, in: .min ... .max) {
        crossing.latch(draw, ordinal, &set)
      }
    }
  }

  // Slots that something was drawn from one by one, all others by the pools that they share.
  private static func tellEverything(
    of side: TriggerSide, _ crossing: inout TriggerCrossing, _ set: inout WorkingSet
  ) {
    let all = side.offer.resources.enumerated().map { draw, resource in
      (draw: draw, id: resource.resource.id)
    }
    for (draw, id) in all where side.isOwn(draw) {
      for ordinal in set.ordinals(of: id, in: .min ... .max) {
        crossing.tell(slot: ordinal, &set)
      }
    }
    for (draw, id) in all where !side.isOwn(draw) {
      for ordinal in set.ordinals(of: id, in: .min ... .max) {
        var looks: Int?
        crossing.tell(
          sharing: PoolKey(resourceID: id, ordinal: ordinal), looks: &looks, &set)
      }
    }
  }
}

extension Movement {
  /// The pool as it was.
  fileprivate var poolBefore: Pool {
    var pool = balance
    pool.held -= held
    pool.consumed -= consumed
    return pool
  }
}
