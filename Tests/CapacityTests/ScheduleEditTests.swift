import Capacity
import Testing

/// What an edit of the schedule, or other rules of a time zone, do to what is booked (I10, I11).
struct ScheduleEditTests {
  private static let ten = "2026-12-24T10:00:00+00:00"
  private static let eleven = "2026-12-24T11:00:00+00:00"

  private func desk() -> Desk {
    var desk = Desk()
    desk.put(slots("bus", window("10:00", "12:00")))
    desk.put(product("seat", Draw(resourceID: "bus")))
    desk.reserve(line("seat", 2, slot: Self.ten), ttl: 3600)
    desk.reserve(line("seat", 3, slot: Self.eleven), ttl: 3600)
    desk.consume(2)
    return desk
  }

  @Test func aBookedSlotThatAnEditRemovesIsReportedAndKept() {
    var desk = desk()
    guard case .resource(_, let impact) = desk.put(slots("bus", window("10:00", "11:00"))) else {
      Issue.record("the edit was refused")
      return
    }
    #expect(impact.slotsOvercommitted == [Self.eleven])
    #expect(impact.unitsOvercommitted == 3)
    #expect(desk.events.last?.kind == .capacityOvercommitted)
    let scheduled = desk.set.catalogue.resource("bus")
    let ordinal = instant("2026-12-24T11:00:00").seconds
    let occurrence = scheduled?.occurrence(ofOrdinal: ordinal, at: desk.now)
    #expect(occurrence?.isWithdrawn == true)
    #expect(scheduled?.slotID(ofOrdinal: ordinal) == Self.eleven)
    #expect(desk.view("bus", ordinal).pool.consumed == 3)
    // It is not sold any more, and the other one is as before.
    #expect(desk.reserve(line("seat", slot: Self.eleven)).obstacle == .noSlotAtTime)
    #expect(desk.availability("seat", Self.ten)?.held == 2)
    #expect(desk.reserve(line("seat", 8, slot: Self.ten)).rejection == nil)
  }

  @Test func whatComesBackHasItsBookings() {
    var desk = desk()
    desk.put(slots("bus", window("10:00", "11:00")))
    desk.put(slots("bus", window("10:00", "12:00")))
    #expect(desk.availability("seat", Self.eleven)?.consumed == 3)
    #expect(desk.availability("seat", Self.eleven)?.remaining == 7)
  }

  @Test func whatIsOverIsNoNews() {
    var desk = desk()
    desk.now = instant("2026-12-24T11:30:00")
    guard case .resource(_, let impact) = desk.put(slots("bus", window("15:00", "16:00"))) else {
      Issue.record("the edit was refused")
      return
    }
    #expect(impact == Impact())
    #expect(desk.events.last?.kind == .resourceChanged)
  }

  @Test func overbookingIsNotForWhatIsWithdrawn() {
    var desk = desk()
    var bus = slots("bus", window("10:00", "11:00"))
    bus.overbooking = OverbookingBudget(units: 5, reason: "no-shows")
    guard case .resource(_, let impact) = desk.put(bus) else {
      Issue.record("the edit was refused")
      return
    }
    #expect(impact.unitsOvercommitted == 3)
  }

  /// Governments change their minds: the same schedule under other rules makes other starts, and no two with one id.
  @Test func otherRulesOfAZoneLoseNothing() {
    let before = Zone(name: "Here/There", initialOffset: -5 * 3600, transitions: [])
    let after = Zone(name: "Here/There", initialOffset: -4 * 3600, transitions: [])
    var desk = Desk()
    var bus = slots("bus", window("10:00", "11:30", slot: 30, step: 30))
    bus.timeZone = "Here/There"
    desk.put(bus, zone: before)
    desk.put(product("seat", Draw(resourceID: "bus")))
    desk.reserve(line("seat", 4, slot: "2026-12-24T10:00:00-05:00"), ttl: 3600)
    bus.name = "after the update"
    desk.put(bus, zone: after)
    let ordinal = instant("2026-12-24T15:00:00").seconds
    let scheduled = desk.set.catalogue.resource("bus")
    #expect(scheduled?.slotID(ofOrdinal: ordinal) == "2026-12-24T11:00:00-04:00")
    #expect(desk.availability("seat", "2026-12-24T11:00:00-04:00")?.held == 4)
    #expect(desk.availability("seat", "2026-12-24T10:00:00-04:00")?.held == 0)
    #expect(
      desk.reserve(line("seat", slot: "2026-12-24T10:00:00-05:00")).obstacle == .slotMalformed)
    #expect(desk.consume(1).rejection == nil)
  }

  @Test func aCutBlocksThatPoolOnly() {
    var desk = desk()
    desk.put(slots("bus", window("10:00", "12:00", limit: .units(1))))
    #expect(desk.availability("seat", Self.ten)?.remaining == -1)
    #expect(desk.availability("seat", Self.ten)?.status == .heldOnly)
    #expect(desk.availability("seat", Self.eleven)?.remaining == -2)
    #expect(desk.availability("seat", Self.eleven)?.status == .soldOut)
    #expect(desk.reserve(line("seat", slot: Self.ten)).rejection != nil)
    #expect(desk.reserve(line("seat", slot: "2026-12-25T10:00:00+00:00")).rejection == nil)
    #expect(desk.consume(1).rejection == nil)
  }
}
