internal import Capacity
internal import CapacityEngine
internal import CupoSchema
internal import Protobuf

/// The days of one GetCalendar, worked out but not yet evaluated.
struct CalendarPage: PlannedAnswer {
  /// Slots of one calendar at most: more than a year of slots every five minutes.
  static let slotsMax = 120_000

  let offer: Offer
  private let quantity: Int64
  private let span: DateSpan
  private let days: [ProductDay]
  private var today = SameDay()
  /// What is to be read.
  let question: ListQuestion

  init(
    _ request: GetCalendarRequest, _ calendar: inout ProductCalendar, withdrawn: [Int64],
    at now: Instant
  ) throws(Refusal) {
    offer = calendar.offer
    quantity = Int64(request.quantity)
    let date = offer.primary.zone.date(at: now)
    if request.fromDate.isEmpty { today.add(date, in: offer.primary.zone) }
    span = try DateSpan(
      from: request.fromDate, to: request.toDate, today: date, defaultDays: 1)
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
    question = ListQuestion(
      runs: offer.runs(behind: days), of: offer, scheduled: scheduled, from: span.from, to: span.to)
  }

  func worked(_ reading: Reading) -> WorkedAnswer<GetCalendarResponse> {
    var evaluator = CalendarEvaluator(
      offer, quantity: quantity, at: reading.asOf, pools: reading.columns)
    var worked = WorkedAnswer(GetCalendarResponse(), today: today)
    worked.response.timeZone = offer.primary.zone.name
    if offer.isStock {
      // A stock has no dates: each of them shows it as it stands.
      worked.response.days = span.dates().map { evaluator.stockSummary(on: $0).message(offer) }
    } else {
      worked.response.days = days.map { evaluator.summary(of: $0).message(offer) }
    }
    worked.lasts(until: evaluator.nextBoundary(of: days))
    for column in reading.columns { worked.lasts(until: column.nextExpiry) }
    return worked
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
