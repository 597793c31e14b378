/// One local date of an offer, worked out: its slots, the pools behind each, and what the calendars say about them.
///
/// It holds as long as the offer is the same; neither counters nor the instant are in it, so it can be kept.
package struct ProductDay: Sendable {
  package let date: CivilDate
  /// The slots of the primary resource, ascending.
  package let slots: [ScheduledSlot]
  /// Their canonical ids.
  package let slotIDs: [String]
  // Of each further draw the slots beside those, nil where it has none there. A stock is the same beside all of them and
  // depends on the instant, so its list is empty.
  private let others: [[ScheduledSlot?]]

  init(_ offer: Offer, on date: CivilDate) {
    self.date = date
    let slots = offer.primary.slots(on: date)
    self.slots = slots
    slotIDs = slots.map { offer.primary.slotID(of: $0.occurrence) }
    others = offer.resources.dropFirst().map { resource in
      guard resource.resource.inventory.kind != .stock else { return [] }
      return ProductDay.slots(of: resource, beside: slots, offer)
    }
  }

  package var slotsCount: Int { slots.count }

  /// What the draw with this index has in a slot; nil where it has nothing there, and for a stock.
  func slot(_ index: Int, of draw: Int) -> ScheduledSlot? {
    if draw == 0 { return slots[index] }
    return others[draw - 1].isEmpty ? nil : others[draw - 1][index]
  }

  private static func slots(
    of resource: ScheduledResource, beside slots: [ScheduledSlot], _ offer: Offer
  ) -> [ScheduledSlot?] {
    // Neighbours mostly share their date here.
    var rules: (date: CivilDate, rules: DateRules)?
    return slots.map { slot in
      guard
        let found = resource.occurrence(
          beside: slot.occurrence, of: offer.primary, at: .distantPast)
      else { return nil }
      if rules?.date != found.date {
        rules = (found.date, DateRules(resource, on: found.date))
      }
      return rules?.rules.slot(found) { resource.slotID(of: found) }
    }
  }
}
