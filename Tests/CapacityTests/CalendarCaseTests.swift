import Capacity
import Testing

/// The calendar on the days on which clocks change, one row a case, with the slots that it must have.
///
/// America/Bogota never changes its clocks, Europe/Madrid and America/New_York change them by an hour, Australia/Lord_Howe by
/// half of one, and Pacific/Apia skipped a whole day.
struct CalendarCaseTests {
  struct Starts: CustomTestStringConvertible {
    var zone: String
    var date: String
    var from: String
    var to: String
    var minutes = 60
    /// Local times with their offsets.
    var expected: [String]

    var testDescription: String { "\(zone) \(date) \(from) to \(to) by \(minutes)" }
  }

  static let starts: [Starts] = [
    // No change: the days on which Madrid and New York change theirs are days like all others.
    Starts(
      zone: "America/Bogota", date: "2026-03-29", from: "01:00", to: "04:00",
      expected: ["01:00:00-05:00", "02:00:00-05:00", "03:00:00-05:00"]),
    Starts(
      zone: "America/Bogota", date: "2026-11-01", from: "01:00", to: "04:00",
      expected: ["01:00:00-05:00", "02:00:00-05:00", "03:00:00-05:00"]),
    // 02:00 is 03:00.
    Starts(
      zone: "Europe/Madrid", date: "2026-03-29", from: "01:00", to: "05:00",
      expected: ["01:00:00+01:00", "03:00:00+02:00", "04:00:00+02:00"]),
    Starts(
      zone: "Europe/Madrid", date: "2026-03-29", from: "02:30", to: "05:00",
      expected: ["03:00:00+02:00", "04:00:00+02:00"]),
    // The window ends in the gap: at its end.
    Starts(
      zone: "Europe/Madrid", date: "2026-03-29", from: "00:00", to: "02:30",
      expected: ["00:00:00+01:00", "01:00:00+01:00"]),
    // Wholly inside the gap: nothing fits.
    Starts(
      zone: "Europe/Madrid", date: "2026-03-29", from: "02:00", to: "03:00", expected: []),
    // An hour and a half of elapsed time, over the gap.
    Starts(
      zone: "Europe/Madrid", date: "2026-03-29", from: "01:00", to: "05:00", minutes: 90,
      expected: ["01:00:00+01:00", "03:30:00+02:00"]),
    // 03:00 is 02:00 again.
    Starts(
      zone: "Europe/Madrid", date: "2026-10-25", from: "01:00", to: "04:00",
      expected: ["01:00:00+02:00", "02:00:00+02:00", "02:00:00+01:00", "03:00:00+01:00"]),
    // A start that happens twice is the first one, an end as well.
    Starts(
      zone: "Europe/Madrid", date: "2026-10-25", from: "02:30", to: "04:00", minutes: 30,
      expected: [
        "02:30:00+02:00", "02:00:00+01:00", "02:30:00+01:00", "03:00:00+01:00", "03:30:00+01:00",
      ]),
    Starts(
      zone: "Europe/Madrid", date: "2026-10-25", from: "01:00", to: "02:30", minutes: 30,
      expected: ["01:00:00+02:00", "01:30:00+02:00", "02:00:00+02:00"]),
    Starts(
      zone: "America/New_York", date: "2026-03-08", from: "00:00", to: "04:00",
      expected: ["00:00:00-05:00", "01:00:00-05:00", "03:00:00-04:00"]),
    Starts(
      zone: "America/New_York", date: "2026-11-01", from: "00:00", to: "04:00",
      expected: [
        "00:00:00-04:00", "01:00:00-04:00", "01:00:00-05:00", "02:00:00-05:00", "03:00:00-05:00",
      ]),
    // 02:00 is 02:30: the day has 23 hours and a half.
    Starts(
      zone: "Australia/Lord_Howe", date: "2026-10-04", from: "01:00", to: "04:00", minutes: 30,
      expected: [
        "01:00:00+10:30", "01:30:00+10:30", "02:30:00+11:00", "03:00:00+11:00", "03:30:00+11:00",
      ]),
    Starts(
      zone: "Australia/Lord_Howe", date: "2026-10-04", from: "01:00", to: "04:00",
      expected: ["01:00:00+10:30", "02:30:00+11:00"]),
    Starts(
      zone: "Australia/Lord_Howe", date: "2026-10-04", from: "02:15", to: "04:00", minutes: 30,
      expected: ["02:30:00+11:00", "03:00:00+11:00", "03:30:00+11:00"]),
    Starts(
      zone: "Australia/Lord_Howe", date: "2026-10-04", from: "01:00", to: "02:15", minutes: 30,
      expected: ["01:00:00+10:30", "01:30:00+10:30"]),
    // 02:00 is 01:30 again.
    Starts(
      zone: "Australia/Lord_Howe", date: "2026-04-05", from: "01:00", to: "04:00", minutes: 30,
      expected: [
        "01:00:00+11:00", "01:30:00+11:00", "01:30:00+10:30", "02:00:00+10:30", "02:30:00+10:30",
        "03:00:00+10:30", "03:30:00+10:30",
      ]),
    Starts(
      zone: "Australia/Lord_Howe", date: "2026-04-05", from: "01:00", to: "04:00",
      expected: ["01:00:00+11:00", "01:30:00+10:30", "02:30:00+10:30"]),
    // The day that there never was, and those around it.
    Starts(
      zone: "Pacific/Apia", date: "2011-12-29", from: "22:00", to: "24:00",
      expected: ["22:00:00-10:00", "23:00:00-10:00"]),
    Starts(zone: "Pacific/Apia", date: "2011-12-30", from: "00:00", to: "24:00", expected: []),
    Starts(
      zone: "Pacific/Apia", date: "2011-12-31", from: "00:00", to: "02:00",
      expected: ["00:00:00+14:00", "01:00:00+14:00"]),
  ]

  @Test(arguments: starts)
  func slotsOfTheDay(_ row: Starts) throws {
    let resource = Resource(
      id: "r", sellerID: "sol", timeZone: row.zone,
      inventory: .slots([window(row.from, row.to, slot: row.minutes, step: row.minutes)]))
    var catalogue = Catalogue()
    catalogue.put(resource, zone: try Zones.read(row.zone))
    catalogue.put(product("p", Draw(resourceID: "r")))
    let offer = try #require(Offer("p", in: catalogue))
    var calendar = ProductCalendar(offer)
    let day = calendar.day(date(row.date))
    #expect(day.slotIDs == row.expected.map { "\(row.date)T\($0)" })
    // Each of them is found by its id, and is as long as it should be.
    for (id, slot) in zip(day.slotIDs, day.slots) {
      #expect(offer.primary.find(slotID: id, at: .distantPast) == .found(slot.occurrence))
      let length = slot.occurrence.endSecond - slot.occurrence.startSecond
      #expect(length == Int64(row.minutes) * 60)
    }
  }

  struct Hours: CustomTestStringConvertible {
    var zone: String
    var date: String
    /// Quarters of an hour.
    var quarters: Int

    var testDescription: String { "\(zone) \(date)" }
  }

  static let hours: [Hours] = [
    Hours(zone: "America/Bogota", date: "2026-03-29", quarters: 96),
    Hours(zone: "Europe/Madrid", date: "2026-03-29", quarters: 92),
    Hours(zone: "Europe/Madrid", date: "2026-10-25", quarters: 100),
    Hours(zone: "America/New_York", date: "2026-03-08", quarters: 92),
    Hours(zone: "America/New_York", date: "2026-11-01", quarters: 100),
    Hours(zone: "Australia/Lord_Howe", date: "2026-10-04", quarters: 94),
    Hours(zone: "Australia/Lord_Howe", date: "2026-04-05", quarters: 98),
    Hours(zone: "Pacific/Apia", date: "2011-12-29", quarters: 96),
    Hours(zone: "Pacific/Apia", date: "2011-12-30", quarters: 0),
    Hours(zone: "Pacific/Apia", date: "2011-12-31", quarters: 96),
  ]

  /// A day has as many quarters of an hour as it has, each with an id of its own, and a quota for exactly that long.
  @Test(arguments: hours)
  func hoursOfTheDay(_ row: Hours) throws {
    let zone = try Zones.read(row.zone)
    let quarters = ScheduledResource(
      Capacity.Resource(
        id: "r", sellerID: "sol", timeZone: row.zone,
        inventory: .slots([window("00:00", "24:00", slot: 15, step: 15)])), zone: zone)
    let slots = quarters.slots(on: date(row.date)).map(\.occurrence)
    #expect(slots.count == row.quarters)
    #expect(Set(slots.map { quarters.slotID(of: $0) }).count == row.quarters)
    let day = ScheduledResource(daily("d", 1, zone: row.zone), zone: zone).day(date(row.date))
    #expect((day.map { $0.endSecond - $0.startSecond } ?? 0) == Int64(row.quarters) * 900)
    #expect(day?.startSecond == slots.first?.startSecond)
  }

  struct Boundary: CustomTestStringConvertible {
    var zone: String
    var slot: String
    var window: SaleWindow
    /// The first instant, in UTC, at which the answer is `reason`, or is it no more.
    var at: String
    var rank: Int
    var lifts = false

    var testDescription: String { "\(zone) \(slot) at \(at)" }

    static func lead(_ zone: String, _ slot: String, hours: Int64, last: String) -> Boundary {
      let window = SaleWindow(leadTime: Interval(seconds: hours * 3600))
      return Boundary(zone: zone, slot: slot, window: window, at: last, rank: 8)
    }

    static func cutoff(
      _ zone: String, _ slot: String, _ time: String, daysBefore: Int = 0, at: String
    ) -> Boundary {
      let window = SaleWindow(cutoffTime: ClockTime(time), cutoffDaysBefore: daysBefore)
      return Boundary(zone: zone, slot: slot, window: window, at: at, rank: 9)
    }

    static func horizon(_ zone: String, _ slot: String, days: Int, at: String) -> Boundary {
      let window = SaleWindow(horizonDays: days)
      return Boundary(zone: zone, slot: slot, window: window, at: at, rank: 10, lifts: true)
    }
  }

  static let boundaries: [Boundary] = [
    // Lead times are elapsed time, whatever the clocks show. The last instant is still early enough.
    .lead("America/Bogota", "2026-11-02", hours: 24, last: "2026-11-01T05:00:00"),
    .lead("Europe/Madrid", "2026-03-30", hours: 24, last: "2026-03-28T22:00:00"),
    .lead("Europe/Madrid", "2026-03-29T03:00:00+02:00", hours: 2, last: "2026-03-28T23:00:00"),
    .lead("Europe/Madrid", "2026-10-26", hours: 24, last: "2026-10-24T23:00:00"),
    .lead("Europe/Madrid", "2026-10-25T02:00:00+01:00", hours: 1, last: "2026-10-25T00:00:00"),
    .lead("America/New_York", "2026-03-08T03:00:00-04:00", hours: 3, last: "2026-03-08T04:00:00"),
    .lead("America/New_York", "2026-11-01T01:00:00-05:00", hours: 1, last: "2026-11-01T05:00:00"),
    .lead(
      "Australia/Lord_Howe", "2026-10-04T02:30:00+11:00", hours: 1, last: "2026-10-03T14:30:00"),
    .lead(
      "Australia/Lord_Howe", "2026-04-05T01:30:00+10:30", hours: 1, last: "2026-04-04T14:00:00"),
    .lead("Pacific/Apia", "2011-12-31", hours: 24, last: "2011-12-29T10:00:00"),
    // Cutoffs are clock times: in a gap the end of it, of two equal ones the first.
    .cutoff(
      "America/Bogota", "2026-11-02", "18:00", daysBefore: 1, at: "2026-11-01T23:00:00"),
    .cutoff("Europe/Madrid", "2026-03-29", "02:30", at: "2026-03-29T01:00:00"),
    .cutoff("Europe/Madrid", "2026-03-30", "18:00", daysBefore: 1, at: "2026-03-29T16:00:00"),
    .cutoff("Europe/Madrid", "2026-10-25", "02:30", at: "2026-10-25T00:30:00"),
    .cutoff("Europe/Madrid", "2026-10-26", "18:00", daysBefore: 1, at: "2026-10-25T17:00:00"),
    .cutoff("America/New_York", "2026-03-08", "02:15", at: "2026-03-08T07:00:00"),
    .cutoff("America/New_York", "2026-11-01", "01:30", at: "2026-11-01T05:30:00"),
    .cutoff("Australia/Lord_Howe", "2026-10-04", "02:10", at: "2026-10-03T15:30:00"),
    .cutoff("Australia/Lord_Howe", "2026-04-05", "01:45", at: "2026-04-04T14:45:00"),
    // The day before is the day that there never was.
    .cutoff("Pacific/Apia", "2011-12-31", "18:00", daysBefore: 1, at: "2011-12-30T10:00:00"),
    .cutoff("Pacific/Apia", "2011-12-31", "18:00", daysBefore: 2, at: "2011-12-30T04:00:00"),
    // Horizons count local dates: a date comes on sale at the midnight that begins another one.
    .horizon("America/Bogota", "2026-11-02", days: 1, at: "2026-11-01T05:00:00"),
    .horizon("Europe/Madrid", "2026-03-30", days: 1, at: "2026-03-28T23:00:00"),
    .horizon("Europe/Madrid", "2026-10-26", days: 1, at: "2026-10-24T22:00:00"),
    .horizon("America/New_York", "2026-03-09", days: 1, at: "2026-03-08T05:00:00"),
    .horizon("Australia/Lord_Howe", "2026-10-05", days: 1, at: "2026-10-03T13:30:00"),
    .horizon("Pacific/Apia", "2011-12-31", days: 2, at: "2011-12-29T10:00:00"),
  ]

  @Test(arguments: boundaries)
  func ruleOnTheDayOfAChange(_ row: Boundary) throws {
    var desk = Desk(at: "2011-01-01T00:00:00")
    let isDay = row.slot.count == 10
    var resource =
      isDay
      ? daily("r", 5, zone: row.zone)
      : Capacity.Resource(
        id: "r", sellerID: "sol", timeZone: row.zone,
        inventory: .slots([window("00:00", "24:00", slot: 30, step: 30)]))
    resource.saleWindow = row.window
    desk.put(resource, zone: try Zones.read(row.zone))
    desk.put(product("p", Draw(resourceID: "r")))
    // Of a lead time `at` is the last instant that is early enough.
    let step = Interval(microseconds: 1)
    let first = row.rank == 8 ? instant(row.at) + step : instant(row.at)
    desk.now = first - step
    let before = desk.availability("p", row.slot)
    desk.now = first
    let after = desk.availability("p", row.slot)
    #expect(before != nil && before?.obstacles.first?.rank == (row.lifts ? row.rank : nil))
    #expect(after != nil && after?.obstacles.first?.rank == (row.lifts ? nil : row.rank))
  }
}
