/// Which pricing triggers of a product are on in one slot, and what they come to. Cupo does not price: it says this.
package struct Pricing: Hashable, Sendable {
  /// The sum of the adjustments of those that are on.
  package var adjustmentBasisPoints: Int
  /// In the order of the product's definition.
  package var triggerIDs: [String]

  package init(adjustmentBasisPoints: Int = 0, triggerIDs: [String] = []) {
    self.adjustmentBasisPoints = adjustmentBasisPoints
    self.triggerIDs = triggerIDs
  }

  package static let none = Pricing()
}

/// Judges the triggers of one product.
///
/// A trigger by season or by days follows from calendar and clock. One by occupancy has a memory, or it would flap: a pool is
/// busy for it from the threshold on until it is 5 points below, and the trigger is on in a slot while the tightest pool behind
/// the slot is busy. The memory is a pool of its own for each pool of each draw, a latch, whose count is 1 while that is busy; so
/// the log, the audit, roll-back and every store know it already. That a shelf is busy is remembered once, for all slots beside it.
struct TriggerRule {
  /// How far below its threshold a trigger turns off, in percent of the limit.
  private static let slackPercent = 5

  let product: Product
  let zone: Zone

  /// - Parameters:
  ///   - seasonID: that the slot's date lies in.
  ///   - latches: of the product's occupancy triggers, in their order: each that of the tightest pool.
  func pricing(
    of occurrence: Occurrence, seasonID: String?, at now: Instant, _ headroom: Headroom,
    _ latches: (Int) -> PoolView
  ) -> Pricing {
    var pricing = Pricing()
    var latch = 0
    for trigger in product.pricingTriggers {
      let isOn: Bool
      switch trigger.condition {
      case .occupancyAtLeast(let percent):
        // What no schedule makes any more has no occupancy to speak of.
        isOn =
          !occurrence.isWithdrawn
          && TriggerRule.isOn(percent, wasOn: latches(latch).pool.isLatched, headroom)
        latch += 1
      case .season(let id): isOn = id == seasonID
      case .daysBefore(let days): isOn = begins(days, before: occurrence.date) <= now
      }
      guard isOn else { continue }
      pricing.adjustmentBasisPoints += trigger.adjustmentBasisPoints
      pricing.triggerIDs.append(trigger.id)
    }
    return pricing
  }

  /// Whether the tightest pool of `headroom` is busy.
  static func isOn(_ percent: Int, wasOn: Bool, _ headroom: Headroom) -> Bool {
    guard !headroom.isUnlimited else { return false }
    let taken = headroom.view.pool.held + headroom.view.pool.consumed
    guard headroom.capacity > 0 else { return taken > 0 }
    // Limits go to 10^15, so a hundredfold stays within 64 bits.
    if taken * 100 >= headroom.capacity * Int64(percent) { return true }
    return wasOn && taken * 100 > headroom.capacity * Int64(max(0, percent - slackPercent))
  }

  /// How many of the triggers by days have turned on for `date` by `now`.
  func boundariesPassed(_ date: CivilDate, at now: Instant) -> UInt64 {
    boundaries(date).reduce(0) { $1 <= now ? $0 + 1 : $0 }
  }

  /// When the next of the triggers by days turns on for `date`.
  func nextBoundary(_ date: CivilDate, after now: Instant) -> Instant? {
    boundaries(date).filter { $0 > now }.min()
  }

  private func boundaries(_ date: CivilDate) -> [Instant] {
    product.pricingTriggers.compactMap { trigger in
      guard case .daysBefore(let days) = trigger.condition else { return nil }
      return begins(days, before: date)
    }
  }

  private func begins(_ days: Int, before date: CivilDate) -> Instant {
    Instant(seconds: zone.start(of: date.advanced(by: -days)))
  }
}

extension Pool {
  /// Of a latch: whether its trigger is on.
  var isLatched: Bool { consumed > 0 }
}

extension PoolKey {
  // No id has a space in it, so no resource is called like this.
  private static let latchWord: Substring = "trigger"

  /// The latch of a trigger for a pool of a product's draw.
  ///
  /// - Parameters:
  ///   - resourceID: of a further draw; nil: the pool is one of the primary resource.
  ///   - ordinal: of the pool.
  package init(
    latchOf triggerID: String, product: String, draw resourceID: String? = nil, ordinal: Int64
  ) {
    self.init(
      resourceID: PoolKey.latchName(triggerID, product, resourceID), ordinal: ordinal)
  }

  /// What all latches of a trigger for one draw are called.
  static func latchName(
    _ triggerID: String, _ productID: String, _ resourceID: String?
  ) -> String {
    let name = "\(latchWord) \(productID) \(triggerID)"
    return resourceID.map { "\(name) \($0)" } ?? name
  }

  /// The product and the trigger that it is a latch of; nil: it is the pool of a resource.
  package var latch: (productID: String, triggerID: String)? {
    let words = resourceID.split(separator: " ")
    guard words.count == 3 || words.count == 4, words[0] == PoolKey.latchWord else { return nil }
    return (String(words[1]), String(words[2]))
  }
}

extension Product {
  /// What the latches of a trigger for the draw with this index are called.
  func latchName(_ triggerID: String, draw: Int) -> String {
    PoolKey.latchName(triggerID, id, draw == 0 ? nil : draws[draw].resourceID)
  }

  /// The latches of its triggers by occupancy: of each trigger those of each draw from `first` on.
  func latches(from first: Int = 0) -> [(name: String, draw: Int)] {
    var latches: [(name: String, draw: Int)] = []
    for trigger in pricingTriggers where trigger.isByOccupancy {
      for draw in draws.indices.dropFirst(first) {
        latches.append((latchName(trigger.id, draw: draw), draw))
      }
    }
    return latches
  }

  /// Its triggers by occupancy, with their thresholds in percent.
  var occupancyTriggers: [(trigger: PricingTrigger, percent: Int)] {
    pricingTriggers.compactMap { trigger in
      guard case .occupancyAtLeast(let percent) = trigger.condition else { return nil }
      return (trigger, percent)
    }
  }

  /// Whether any trigger depends on how much is taken.
  var hasOccupancyTriggers: Bool { pricingTriggers.contains(where: \.isByOccupancy) }

  /// Whether any trigger turns on by time alone.
  var hasDayTriggers: Bool {
    pricingTriggers.contains { if case .daysBefore = $0.condition { true } else { false } }
  }
}

extension PricingTrigger {
  var isByOccupancy: Bool {
    if case .occupancyAtLeast = condition { true } else { false }
  }
}
