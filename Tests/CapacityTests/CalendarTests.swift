import Capacity
import SeededRandom
import Testing

/// Which days and slots exist, how they are spelled, and which rule is strongest (SYSTEM.md section 3).
struct CalendarTests {
  private func ids(_ resource: Resource, _ day: String) throws -> [String] {
    let scheduled = ScheduledResource(resource, zone: try Zones.read(resource.timeZone))
    return scheduled.occurrences(on: date(day)).map { scheduled.slotID(of: $0) }
  }

  @Test func slotsOfAnOrdinaryDay() throws {
    let resource = slots("bus", window("10:00", "12:30"), zone: "America/Bogota")
    // The last one must end inside its window.
    #expect(
      try ids(resource, "2026-12-24") == [
        "2026-12-24T10:00:00-05:00", "2026-12-24T11:00:00-05:00",
      ])
  }

  @Test func theSpringDayIsShort() throws {
    let resource = slots("bus", window("01:00", "05:00"), zone: "Europe/Madrid")
    #expect(
      try ids(resource, "2026-03-29") == [
        "2026-03-29T01:00:00+01:00", "2026-03-29T03:00:00+02:00", "2026-03-29T04:00:00+02:00",
      ])
  }

  @Test func theAutumnDayIsLong() throws {
    let resource = slots("bus", window("01:00", "04:00"), zone: "Europe/Madrid")
    #expect(
      try ids(resource, "2026-10-25") == [
        "2026-10-25T01:00:00+02:00", "2026-10-25T02:00:00+02:00", "2026-10-25T02:00:00+01:00",
        "2026-10-25T03:00:00+01:00",
      ])
  }

  @Test func aStartInTheGapMovesForward() throws {
    let resource = slots("bus", window("02:30", "05:00"), zone: "Europe/Madrid")
    #expect(
      try ids(resource, "2026-03-29") == [
        "2026-03-29T03:00:00+02:00", "2026-03-29T04:00:00+02:00",
      ])
  }

  @Test(arguments: [
    ("2026-03-29", "02:15", "03:00"),  // both windows begin at the first instant after the gap
    ("2026-10-25", "01:15", "03:15"),  // the first one comes by there on elapsed time
  ])
  func aClockChangeNeverMakesTwoSlotsWithOneID(
    _ day: String, _ first: String, _ second: String
  ) throws {
    let early = window(first, "06:00", slot: 45, step: 45, limit: .units(3))
    let late = window(second, "06:00", slot: 60, step: 60, limit: .units(5))
    let resource = slots("bus", early, late, zone: "Europe/Madrid")
    let scheduled = ScheduledResource(resource, zone: try Zones.read("Europe/Madrid"))
    let listed = scheduled.occurrences(on: date(day))
    #expect(Set(listed.map(\.ordinal)).count == listed.count)
    // Listing and finding mean the same slot.
    for slot in listed { #expect(scheduled.slot(startingAt: slot.ordinal) == slot) }
  }

  @Test(arguments: ["Europe/Madrid", "Australia/Lord_Howe", "Pacific/Apia", "America/Santiago"])
  func everyListedSlotIsFoundByItsID(_ name: String) throws {
    var random = SplitMix(seed: Seed.value)
    let zone = try Zones.read(name)
    let resource = slots(
      "bus", window("00:00", "24:00", slot: 45, step: 30), window("00:10", "09:00", slot: 20),
      zone: name)
    let scheduled = ScheduledResource(resource, zone: zone)
    var days = (0..<150).map { _ in CivilDate(day: .random(in: 8000...84_000, using: &random)) }
    days += ["2026-03-29", "2026-10-25", "2026-04-05", "2026-10-04", "2026-09-06", "2011-12-30"]
      .map(date)
    for day in days {
      let listed = scheduled.occurrences(on: day)
      #expect(listed == listed.sorted { $0.ordinal < $1.ordinal })
      #expect(Set(listed.map(\.ordinal)).count == listed.count)
      for slot in listed {
        let found = scheduled.find(
          slotID: scheduled.slotID(of: slot), at: instant("2026-01-01T00:00:00"))
        #expect(found == .found(slot), "\(day) \(name) seed \(Seed.value)")
      }
    }
  }

  @Test(arguments: [
    "", "2026-12-24", "2026-12-24T10:00:00", "2026-12-24T10:00:00Z", "2026-12-24T10:00-05:00",
    "2026-12-24T10:00:00-05", "2026-12-24T10:00:00-0500", "2026-12-24t10:00:00-05:00",
    "2026-12-24 10:00:00-05:00", "2026-12-24T10:00:00.0-05:00", "2026-12-24T15:00:00+00:00",
    "2026-12-24T24:00:00-05:00", "2026-12-24T10:60:00-05:00", "2026-12-24T10:00:60-05:00",
    "2026-13-24T10:00:00-05:00", "2026-02-30T10:00:00-05:00", " 2026-12-24T10:00:00-05:00",
    "2026-12-24T10:00:00-05:00 ", "2026-12-24T10:00:00\u{2212}05:00", "2026-12-24T10:00:00-04:60",
    "2026-12-24T10:00:00-05:00\0", "２026-12-24T10:00:00-05:00", "2026-12-24T10:00:00-06:00",
  ])
  func everyOtherSpellingIsMalformed(_ text: String) throws {
    let zone = try Zones.read("America/Bogota")
    let scheduled = ScheduledResource(
      slots("bus", window("10:00", "12:30"), zone: "America/Bogota"), zone: zone)
    #expect(scheduled.find(slotID: text, at: instant("2026-12-01T00:00:00")) == .malformed)
  }

  @Test func utcIsSpelledWithPlusZero() {
    let scheduled = ScheduledResource(slots("bus", window("10:00", "12:00")), zone: .utc)
    let now = instant("2026-12-01T00:00:00")
    #expect(scheduled.find(slotID: "2026-12-24T10:00:00-00:00", at: now) == .malformed)
    #expect(scheduled.find(slotID: "2026-12-24T10:30:00+00:00", at: now) == .noSuchSlot)
    guard case .found = scheduled.find(slotID: "2026-12-24T10:00:00+00:00", at: now) else {
      Issue.record("the canonical spelling is not understood")
      return
    }
  }

  @Test func daysHave23To25Hours() throws {
    let scheduled = ScheduledResource(
      daily("pool", 5, zone: "Europe/Madrid"), zone: try Zones.read("Europe/Madrid"))
    let lengths = ["2026-03-29", "2026-03-30", "2026-10-25"].compactMap { text in
      scheduled.day(date(text)).map { ($0.endSecond - $0.startSecond) / 3600 }
    }
    #expect(lengths == [23, 24, 25])
  }

  @Test func aSkippedDayDoesNotExist() throws {
    let scheduled = ScheduledResource(
      daily("pool", 5, zone: "Pacific/Apia"), zone: try Zones.read("Pacific/Apia"))
    #expect(scheduled.occurrences(on: date("2011-12-30")).isEmpty)
    #expect(
      scheduled.find(slotID: "2011-12-30", at: instant("2011-12-01T00:00:00")) == .noSuchSlot)
  }

  @Test func overrideBeatsSeasonBeatsBase() {
    var resource = daily("pool", 5)
    if case .daily(var base) = resource.inventory {
      base.weekdays[.thursday] = .units(8)
      resource.inventory = .daily(base)
    }
    let week = DateRange(from: date("2026-12-21"), to: date("2026-12-27"))
    resource.seasons = [Season(id: "xmas", dates: week, limit: .units(20))]
    let eve = DateRange(from: date("2026-12-24"), to: date("2026-12-24"))
    resource.overrides = [DateOverride(dates: eve, limit: .units(1))]
    let scheduled = ScheduledResource(resource, zone: .utc)
    let now = instant("2026-12-01T00:00:00")
    let limits = ["2026-12-16", "2026-12-17", "2026-12-23", "2026-12-24"].map { text in
      scheduled.day(date(text)).map { scheduled.limit(of: $0, at: now) }
    }
    #expect(limits == [.units(5), .units(8), .units(20), .units(1)])
  }

  @Test func overridesOfSlotsAndWindows() {
    var resource = slots("bus", window("10:00", "12:00", limit: .units(4)))
    let day = DateRange(from: date("2026-12-24"), to: date("2026-12-24"))
    let next = DateRange(from: date("2026-12-25"), to: date("2026-12-25"))
    resource.overrides = [
      DateOverride(dates: day, slots: ["2026-12-24T11:00:00+00:00"], limit: .units(9)),
      DateOverride(dates: next, windows: [window("15:00", "16:00", limit: .units(2))]),
    ]
    resource.seasons = [
      Season(
        id: "s", dates: DateRange(from: date("2026-12-24"), to: date("2026-12-26")),
        limit: .units(7))
    ]
    let scheduled = ScheduledResource(resource, zone: .utc)
    let now = instant("2026-12-01T00:00:00")
    let limits = ["2026-12-23", "2026-12-24", "2026-12-25", "2026-12-26"].map { text in
      scheduled.occurrences(on: date(text)).map { scheduled.limit(of: $0, at: now) }
    }
    #expect(limits[0] == [.units(4), .units(4)])
    #expect(limits[1] == [.units(7), .units(9)])
    #expect(limits[2] == [.units(2)])
    #expect(limits[3] == [.units(7), .units(7)])
  }

  @Test func closuresOfDatesAndOfSingleSlots() {
    var resource = slots("bus", window("10:00", "12:00"))
    resource.closures = [
      Closure(
        id: "a", dates: DateRange(from: date("2026-12-24"), to: date("2026-12-25")),
        reason: .vacation),
      Closure(id: "b", dates: nil, slots: ["2026-12-26T11:00:00+00:00"], reason: .maintenance),
    ]
    let scheduled = ScheduledResource(resource, zone: .utc)
    let reasons = ["2026-12-23", "2026-12-24", "2026-12-26"].map { text in
      scheduled.occurrences(on: date(text)).map { scheduled.closures(of: $0).first?.reason }
    }
    #expect(reasons == [[nil, nil], [.vacation, .vacation], [nil, .maintenance]])
  }

  @Test func secondaryDrawsAreFoundFromTheStart() throws {
    var desk = Desk()
    desk.put(
      slots("boat", window("20:00", "24:00"), zone: "America/Bogota"),
      zone: try Zones.read("America/Bogota"))
    desk.put(slots("guide", window("00:00", "03:00")))
    desk.put(daily("quota", 5, zone: "Europe/Madrid"), zone: try Zones.read("Europe/Madrid"))
    desk.put(stock("kit", 5))
    desk.put(
      product(
        "trip", Draw(resourceID: "boat"), Draw(resourceID: "guide"), Draw(resourceID: "quota"),
        Draw(resourceID: "kit", units: 2)))
    // 20:00 in Bogotá is 01:00Z and 02:00 in Madrid of the next day.
    let keys = desk.balances("trip", "2026-12-23T20:00:00-05:00").map(\.key)
    let start = instant("2026-12-24T01:00:00").seconds
    #expect(
      keys == [
        PoolKey(resourceID: "boat", ordinal: start), PoolKey(resourceID: "guide", ordinal: start),
        PoolKey(resourceID: "quota", ordinal: Int64(date("2026-12-24").day)),
        PoolKey(resourceID: "kit", ordinal: 0),
      ])
    // 22:00 in Bogotá is 03:00Z: the guide has gone home.
    #expect(desk.reserve(line("trip", slot: "2026-12-23T22:00:00-05:00")).obstacle == .noSlotAtTime)
  }

  @Test func impossibleSchedulesAreViolations() {
    var desk = Desk()
    var rows: [(Resource, String)] = []
    rows.append((slots("r", window("12:00", "10:00")), "resource.slots.windows[0].end"))
    rows.append(
      (slots("r", window("10:00", "12:00"), window("11:00", "13:00")), "resource.slots.windows[1]"))
    var seasons = daily("r", 5)
    let may = DateRange(from: date("2026-05-01"), to: date("2026-05-31"))
    seasons.seasons = [Season(id: "a", dates: may), Season(id: "b", dates: may)]
    rows.append((seasons, "resource.seasons[1].dates"))
    var overrides = daily("r", 5)
    overrides.overrides = [
      DateOverride(dates: may, limit: .units(1)), DateOverride(dates: may, limit: .units(2)),
    ]
    rows.append((overrides, "resource.overrides[1].dates"))
    var lead = stock("r", 5)
    lead.saleWindow = SaleWindow(leadTime: Interval(seconds: 60))
    rows.append((lead, "resource.sale_window.lead_time"))
    var cutoff = stock("r", 5)
    cutoff.saleWindow = SaleWindow(cutoffTime: ClockTime("10:00"))
    rows.append((cutoff, "resource.sale_window.cutoff_time"))
    var horizon = stock("r", 5)
    horizon.saleWindow = SaleWindow(horizonDays: 3)
    rows.append((horizon, "resource.sale_window.horizon_days"))
    var limit = stock("r", 5)
    limit.seasons = [Season(id: "a", dates: may, limit: .units(2))]
    rows.append((limit, "resource.seasons[0].limit"))
    rows.append(
      (Resource(id: "r", sellerID: "sol", inventory: .stock(total: nil)), "resource.stock.total"))
    var slot = daily("r", 5)
    slot.closures = [Closure(id: "c", dates: nil, slots: ["2026-5-1"], reason: .blackout)]
    rows.append((slot, "resource.closures[0].slots[0]"))
    for (resource, field) in rows {
      guard case .violations(let list)? = desk.put(resource).rejection else {
        Issue.record("\(field) is accepted")
        continue
      }
      #expect(list.map(\.field) == [field])
    }
    #expect(desk.set.catalogue.resource("r") == nil)
    // Closures may overlap.
    var closures = daily("ok", 5)
    closures.closures = [
      Closure(id: "a", dates: may, reason: .vacation),
      Closure(id: "b", dates: may, reason: .blackout),
    ]
    #expect(desk.put(closures).rejection == nil)
  }
}
