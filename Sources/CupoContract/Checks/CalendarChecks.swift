internal import CupoSchema
internal import Protobuf
internal import RPC

/// GetCalendar: one line for each day, which promises nothing that cannot be kept.
enum CalendarChecks {
  static func list() -> [ContractCheck] {
    let path = AvailabilityService.getCalendar.path
    return [
      ContractCheck(path, "one day for each date of the range, in order", dates),
      ContractCheck(path, "a group fits only where one slot has room", groups),
      ContractCheck(path, "counts what GetAvailability lists", agreement),
      ContractCheck(path, "what slots share is promised once", shared),
      ContractCheck(path, "a day that is shut says why", closed),
      ContractCheck(path, "a range that is backwards or too long is a violation", ranges),
      ContractCheck(path, "PRODUCT_NOT_FOUND", notFound),
    ]
  }

  private static func calendar(
    _ product: String, _ from: String, _ to: String, _ run: ContractRun, quantity: UInt32 = 0
  ) async throws(CheckFailure) -> [CalendarDay] {
    var request = GetCalendarRequest()
    request.productID = product
    request.fromDate = from
    request.toDate = to
    request.quantity = quantity
    let response = try await run.caller.ok(AvailabilityService.getCalendar, request)
    try expect(response.asOf != nil, "as_of is set", got: "it is not")
    try expectEqual("time_zone", response.timeZone, "UTC")
    return response.days
  }

  private static func dates(_ run: ContractRun) async throws(CheckFailure) {
    let product = try await run.sell(run.slots(run.fresh("slots"), units: 3))
    var dates: [String] = []
    for day in Int64(40)..<47 { dates.append(try await run.date(daysAhead: day, of: product)) }
    let days = try await calendar(product, dates[0], dates[6], run)
    try expectEqual("the dates", days.map(\.date), dates)
    for day in days {
      try expectEqual("status", day.status, .available)
      try expectEqual("slots", day.slots, 3)
      try expectEqual("open_slots", day.openSlots, 3)
      try expectEqual("largest_party", day.largestParty, 3)
      try expectEqual("total_remaining", day.totalRemaining, 9)
    }
  }

  private static func groups(_ run: ContractRun) async throws(CheckFailure) {
    let product = try await run.sell(run.slots(run.fresh("slots"), units: 3))
    let date = try await run.date(daysAhead: 40, of: product)
    for (hour, quantity) in [("09", UInt32(1)), ("10", 2), ("11", 1)] {
      _ = try await run.hold(product, quantity, slot: "\(date)T\(hour):00:00+00:00")
    }
    let pair = try await calendar(product, date, date, run, quantity: 2).first ?? CalendarDay()
    try expectEqual("open_slots for 2", pair.openSlots, 2)
    try expectEqual("largest_party", pair.largestParty, 2)
    try expectEqual("total_remaining", pair.totalRemaining, 5)
    let three = try await calendar(product, date, date, run, quantity: 3).first ?? CalendarDay()
    try expectEqual("status for 3", three.status, .insufficient)
    try expectEqual("open_slots for 3", three.openSlots, 0)
  }

  private static func agreement(_ run: ContractRun) async throws(CheckFailure) {
    let product = try await run.sell(run.slots(run.fresh("slots"), units: 2))
    let date = try await run.date(daysAhead: 40, of: product)
    let sold = try await run.hold(product, 2, slot: "\(date)T09:00:00+00:00")
    try await run.consume(sold.reservationID)
    _ = try await run.hold(product, 1, slot: "\(date)T10:00:00+00:00")
    let slots = try await run.availability(product) { $0.fromDate = date }.slots
    let day = try await calendar(product, date, date, run).first ?? CalendarDay()
    try expectEqual("slots", Int(day.slots), slots.count)
    try expectEqual(
      "open_slots", Int(day.openSlots), slots.count { $0.status == .available })
    try expectEqual(
      "total_remaining", day.totalRemaining, slots.map(\.remaining).reduce(0, +))
    try expectEqual("largest_party", day.largestParty, slots.map(\.remaining).max() ?? 0)
  }

  private static func shared(_ run: ContractRun) async throws(CheckFailure) {
    let shelf = try await run.sellStock(4)
    let seats = try await run.sell(run.slots(run.fresh("slots"), units: 3))
    let product = run.product(run.fresh("hybrid"), of: [seats, shelf])
    try await run.put(product)
    let date = try await run.date(daysAhead: 40, of: seats)
    let day = try await calendar(product.productID, date, date, run).first ?? CalendarDay()
    try expectEqual("largest_party", day.largestParty, 3)
    try expectEqual("total_remaining of 3 slots that share 4", day.totalRemaining, 4)
  }

  private static func closed(_ run: ContractRun) async throws(CheckFailure) {
    let other = try await run.sellStock(1)
    let dates = (
      try await run.date(daysAhead: 40, of: other), try await run.date(daysAhead: 41, of: other)
    )
    var resource = run.days(run.fresh("days"), units: 3)
    var (closure, range) = (Closure(), DateRange())
    (range.fromDate, range.toDate) = (dates.0, dates.0)
    closure.closureID = "away"
    closure.dates = range
    closure.reason = .vacation
    resource.closures = [closure]
    let days = try await calendar(try await run.sell(resource), dates.0, dates.1, run)
    try expectEqual("status", days.map(\.status), [.closed, .available])
    try expectEqual("closed_reason", days.map(\.closedReason), [.closed, .unspecified])
    try expectEqual("closure_reason", days.map(\.closureReason), ["VACATION", ""])
    try expectEqual("total_remaining", days.map(\.totalRemaining), [0, 3])
  }

  private static func ranges(_ run: ContractRun) async throws(CheckFailure) {
    let product = try await run.sell(run.days(run.fresh("days"), units: 3))
    for (from, to) in [("2030-01-02", "2030-01-01"), ("2030-01-01", "2031-01-02")] {
      var request = GetCalendarRequest()
      request.productID = product
      request.fromDate = from
      request.toDate = to
      let refusal = try await run.caller.refused(
        AvailabilityService.getCalendar, request, .fieldViolation)
      try expectEqual("BadRequest", refusal.fields, ["to_date"])
    }
  }

  private static func notFound(_ run: ContractRun) async throws(CheckFailure) {
    var request = GetCalendarRequest()
    request.productID = run.fresh("none")
    (request.fromDate, request.toDate) = ("2030-01-01", "2030-01-01")
    try await run.caller.refused(AvailabilityService.getCalendar, request, .productNotFound)
  }
}
