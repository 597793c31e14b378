// Triggers by days turn on at a local midnight by time alone, for all slots of a date at once: one event for each product, trigger
// and date.
extension Ledger {
  /// Midnights at most that are made up for after a time in which nobody decided: what turned on before them is not told.
  private static let daysMax = 31

  /// Tells which triggers by days of a lane have turned on by `now`: one event for each product, trigger and date that has slots. The
  /// decision clock is their memory: what is due behind it is told by the batch that moves it.
  static func turnTriggersOn(_ set: inout WorkingSet, at now: Instant, in lane: Int) {
    let told = set.lanes[lane].triggersTold
    guard let next = set.nextTriggerTime(in: lane), next <= now else {
      // What a product that comes later would have turned on is no news.
      return set.setTriggersTold(max(told, now), in: lane)
    }
    set.tellTriggers(until: now, in: lane)
    for product in set.catalogue.productsWithDayTriggers
    where set.lane(ofSeller: product.sellerID) == lane {
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
