internal import Capacity
internal import CapacityEngine
internal import CupoSchema
internal import Protobuf

/// The days of one GetCalendar, worked out but not yet evaluated.
struct CalendarPage {
  /// Slots of one calendar at most: more than a year of slots every five minutes.
  static let slotsMax = 120_000

  private let offer: Offer
  private let span: DateSpan
  private let days: [ProductDay]
  // Of each draw, in the order of the schedule.
  private let pools: [[PoolKey]]
  /// What is to be read.
  let question: ListQuestion

  init(
    _ request: GetCalendarRequest, _ calendar: inout ProductCalendar, withdrawn: [Int64],
    at now: Instant
  ) throws(Refusal) {
    offer = calendar.offer
    span = try DateSpan(
      from: request.fromDate, to: request.toDate, today: offer.primary.zone.date(at: now),
      defaultDays: 1)
    var (days, count) = ([ProductDay](), 0)
    if !offer.isStock {
      for date in span.dates() {
        let day = calendar.day(date)
        count += day.slotsCount
        guard count <= CalendarPage.slotsMax else {
          throw .violation(
            "to_date", "More than \(CalendarPage.slotsMax) slots; ask for fewer dates.")
        }
        days.append(day)
      }
    }
    let scheduled = days.flatMap { $0.slots.map(\.occurrence.ordinal) }
    let offer = self.offer
    if !withdrawn.isEmpty { days = days.map { $0.adding(withdrawn, of: offer) } }
    self.days = days
    pools = offer.pools(behind: days)
    question = ListQuestion(
      pools: pools.flatMap { $0 }, of: offer, scheduled: scheduled, from: span.from, to: span.to)
  }

  func response(_ request: GetCalendarRequest, _ reading: Reading) -> GetCalendarResponse {
    var evaluator = CalendarEvaluator(
      offer, quantity: Int64(request.quantity), at: reading.asOf,
      pools: pools.map { keys in
        var column = PoolColumn()
        column.reserveCapacity(keys.count)
        for key in keys { column.append(key.ordinal, reading.views[key] ?? .untouched) }
        return column
      })
    var response = GetCalendarResponse()
    response.timeZone = offer.primary.zone.name
    response.asOf = reading.asOf.timestamp
    if offer.isStock {
      // A stock has no dates: each of them shows it as it stands.
      response.days = span.dates().map { evaluator.stockSummary(on: $0).message(offer) }
    } else {
      response.days = days.map { evaluator.summary(of: $0).message(offer) }
    }
    return response
  }
}

extension DaySummary {
  fileprivate func message(_ offer: Offer) -> CalendarDay {
    var message = CalendarDay()
    message.date = date.description
    message.status = status.message
    message.largestParty = largestParty
    message.totalRemaining = totalRemaining
    message.openSlots = UInt32(clamping: openSlots)
    message.slots = UInt32(clamping: slots)
    message.unlimited = isUnlimited
    if let reason = reason(subject: offer.primary.resource.id) {
      message.closedReason = ErrorTable.reason(for: reason)
      if case .closed(let closure) = reason.kind { message.closureReason = closure.rawValue }
    }
    return message
  }
}
