internal import Capacity
internal import CapacityEngine
internal import CupoSchema
internal import Protobuf

/// The slots of one page of GetAvailability, planned but not yet evaluated.
struct AvailabilityPage {
  let slots: [ListedSlot]
  private let next: PageToken?
  private let zone: Zone
  /// What is to be read.
  let question: ListQuestion

  /// - Parameter withdrawn: pools that the schedule does not make any more.
  init(
    _ request: GetAvailabilityRequest, _ calendar: inout ProductCalendar, withdrawn: [Int64],
    at now: Instant
  ) throws(Refusal) {
    var listing = SlotListing(calendar)
    zone = listing.offer.primary.zone
    let range = try DateSpan(
      from: request.fromDate, to: request.toDate, today: zone.date(at: now), defaultDays: 1)
    let after = try AvailabilityPage.token(request.pageToken, range)
    guard !listing.offer.isStock else {
      slots = after == nil ? listing.stock(at: now) : []
      next = nil
      question = ListQuestion(pools: slots.flatMap(\.pools))
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
      pools: found.indices.flatMap { found[$0].pools }, of: listing.offer,
      scheduled: found.indices.lazy.filter { !found[$0].occurrence.isWithdrawn }
        .map { found[$0].occurrence.ordinal },
      from: after?.date ?? range.from, to: range.to, behind: after?.ordinal, upTo: more?.ordinal)
  }

  func response(
    _ request: GetAvailabilityRequest, _ reading: Reading, _ tzdataVersion: String
  ) -> GetAvailabilityResponse {
    var response = GetAvailabilityResponse()
    response.slots.reserveCapacity(slots.count)
    // By index: a slot is copied at some cost, and a page has thousands.
    for index in slots.indices where !slots[index].isGone(reading.views) {
      response.slots.append(
        slots[index].message(
          reading.views, at: reading.asOf, quantity: Int64(request.quantity),
          withPools: request.withPools))
    }
    response.timeZone = zone.name
    response.tzdataVersion = tzdataVersion
    response.asOf = reading.asOf.timestamp
    response.nextPageToken = next?.text ?? ""
    return response
  }

  private static func token(_ text: String, _ range: DateSpan) throws(Refusal) -> PageToken? {
    guard !text.isEmpty else { return nil }
    guard let token = PageToken(text), range.contains(token.date) else {
      throw Refusal(.pageTokenInvalid)
    }
    return token
  }
}
