/// An offer and those of its days that have been worked out. A value: who keeps it, keeps what was worked out.
package struct ProductCalendar: Sendable {
  package let offer: Offer
  /// Slots of the days that are kept.
  package private(set) var slotsCount = 0
  private var days: [Int32: ProductDay] = [:]

  package init(_ offer: Offer) {
    self.offer = offer
  }

  /// The day `date`, worked out now where it was not before.
  package mutating func day(_ date: CivilDate) -> ProductDay {
    if let known = days[date.day] { return known }
    let day = ProductDay(offer, on: date)
    days[date.day] = day
    // A day without slots takes room, too.
    slotsCount += max(1, day.slotsCount)
    return day
  }
}
