internal import Capacity
internal import CapacityEngine
internal import CupoSchema
internal import Protobuf

/// The slots of one page of GetAvailability, planned but not yet evaluated.
struct AvailabilityPage: PlannedAnswer {
  let offer: Offer
  private let request: GetAvailabilityRequest
  private let tzdataVersion: String
  private let slots: [ListedSlot]
  private let next: PageToken?
  private var today = SameDay()
  /// What is to be read.
  let question: ListQuestion

  /// - Parameter withdrawn: pools that the schedule does not make any more.
  init(
    _ request: GetAvailabilityRequest, _ calendar: inout ProductCalendar, withdrawn: [Int64],
    at now: Instant, tzdataVersion: String
  ) throws(Refusal) {
    self.request = request
    self.tzdataVersion = tzdataVersion
    var listing = SlotListing(calendar)
    offer = listing.offer
    let zone = offer.primary.zone
    let date = zone.date(at: now)
    if request.fromDate.isEmpty { today.add(date, in: zone) }
    let range = try DateSpan(
      from: request.fromDate, to: request.toDate, today: date, defaultDays: 1)
    let after = try AvailabilityPage.token(request.pageToken, range)
    guard !offer.isStock else {
      slots = after == nil ? listing.stock(at: now) : []
      next = nil
      question = ListQuestion(runs: offer.runs(over: AvailabilityPage.ranges(of: slots, offer)))
      noteStockDates()
      return
    }
    let limit =
      request.pageSize == 0 ? AvailabilityHandlers.pageMax : Int(request.pageSize)
    var found: [ListedSlot] = []
    var more: PageToken?
    for date in range.dates(from: after?.date) where more == nil {
      let last = date == after?.date ? after?.ordinal : nil
      listing.append(to: &found, on: date, after: last, withdrawn: withdrawn, at: now)
      guard found.count > limit else { continue }
      found.removeLast(found.count - limit)
      more = found.last.map {
        PageToken(date: $0.occurrence.date, ordinal: $0.occurrence.ordinal)
      }
    }
    slots = found
    next = more
    calendar = listing.calendar
    question = ListQuestion(
      runs: offer.runs(over: AvailabilityPage.ranges(of: found, offer)), of: offer,
      scheduled: found.indices.lazy.filter { !found[$0].occurrence.isWithdrawn }
        .map { found[$0].occurrence.ordinal },
      from: after?.date ?? range.from, to: range.to, behind: after?.ordinal, upTo: more?.ordinal)
    noteStockDates()
  }

  func worked(_ reading: Reading) -> WorkedAnswer<GetAvailabilityResponse> {
    var worked = WorkedAnswer(GetAvailabilityResponse(), today: today)
    worked.response.slots.reserveCapacity(slots.count)
    var columns = reading.columns
    // By index: a slot is copied at some cost, and a page has thousands.
    for index in slots.indices {
      let views = slots[index].views(&columns)
      guard !slots[index].isGone(views) else { continue }
      worked.response.slots.append(
        slots[index].message(
          views, at: reading.asOf, quantity: Int64(request.quantity),
          withPools: request.withPools))
      worked.lasts(until: slots[index].nextBoundary(after: reading.asOf))
    }
    for column in columns { worked.lasts(until: column.nextExpiry) }
    worked.response.timeZone = offer.primary.zone.name
    worked.response.tzdataVersion = tzdataVersion
    worked.behind.nextPageToken = next?.text ?? ""
    return worked
  }

  // A stock is planned for the date of the decision.
  private mutating func noteStockDates() {
    for index in slots.indices {
      for (zone, date) in slots[index].stockDates { today.add(date, in: zone) }
    }
  }

  // From the first to the last pool of each draw.
  private static func ranges(of slots: [ListedSlot], _ offer: Offer) -> [ClosedRange<Int64>?] {
    var ranges: [ClosedRange<Int64>?] = Array(repeating: nil, count: offer.resources.count)
    for index in slots.indices {
      guard case .plan(let plan) = slots[index].result else { continue }
      for draw in plan.draws.indices {
        let ordinal = plan.draws[draw].occurrence.ordinal
        ranges[draw] = ranges[draw]?.including(ordinal) ?? ordinal...ordinal
      }
    }
    return ranges
  }

  private static func token(_ text: String, _ range: DateSpan) throws(Refusal) -> PageToken? {
    guard !text.isEmpty else { return nil }
    guard let token = PageToken(text), range.contains(token.date) else {
      throw Refusal(.pageTokenInvalid)
    }
    return token
  }
}
