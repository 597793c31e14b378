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

  private init(
    _ date: CivilDate, _ slots: [ScheduledSlot], _ slotIDs: [String],
    _ others: [[ScheduledSlot?]]
  ) {
    self.date = date
    self.slots = slots
    self.slotIDs = slotIDs
    self.others = others
  }

  /// This day with slots that its schedule does not make any more, but that are booked: pools of the primary resource. Those
  /// of other dates, and those that it has, are left out.
  package func adding(_ withdrawn: some Sequence<Int64>, of offer: Offer) -> ProductDay {
    let primary = offer.primary
    let known = Set(slots.map(\.occurrence.ordinal))
    let places = withdrawn.filter { !known.contains($0) }
      .map { primary.withdrawn($0) }.filter { $0.date == date }
    guard !places.isEmpty else { return self }
    var rows = slots.indices.map { index in
      (slot: slots[index], id: slotIDs[index], others: others.map { $0.isEmpty ? nil : $0[index] })
    }
    for place in places {
      rows.append(
        (
          slot: primary.scheduled(place), id: primary.slotID(ofOrdinal: place.ordinal),
          others: others.indices.map { index in
            let resource = offer.resources[index + 1]
            guard resource.resource.inventory.kind != .stock else { return nil }
            return resource.scheduled(offer.place(place, index + 1, at: .distantPast))
          }
        ))
    }
    rows.sort { $0.slot.occurrence.ordinal < $1.slot.occurrence.ordinal }
    let isStock = offer.resources.dropFirst().map { $0.resource.inventory.kind == .stock }
    return ProductDay(
      date, rows.map(\.slot), rows.map(\.id),
      others.indices.map { index in isStock[index] ? [] : rows.map { $0.others[index] } })
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
