import ArgumentParser
import CupoSchema
import Protobuf
import Testing

@testable import cupo

/// What `cupo calendar` and `cupo explain` show.
@Suite struct CalendarOutputTests {
  private let plain = Terminal(isInteractive: false, hasColor: false)
  private let colored = Terminal(isInteractive: true, hasColor: true)

  private func month(_ count: Int, _ change: (Int, inout CalendarDay) -> Void) -> [CalendarDay] {
    (1...count).map { number in
      var day = CalendarDay()
      day.date = "2026-12-\(number < 10 ? "0" : "")\(number)"
      (day.status, day.totalRemaining, day.slots) = (.available, 12, 2)
      change(number, &day)
      return day
    }
  }

  private func december() -> [CalendarDay] {
    month(31) { number, day in
      switch number {
      case 5: (day.status, day.totalRemaining) = (.limited, 3)
      case 6: (day.status, day.totalRemaining, day.slots) = (.closed, 0, 0)
      case 7: (day.status, day.totalRemaining) = (.insufficient, 1)
      case 8: (day.status, day.totalRemaining) = (.heldOnly, 0)
      case 9: (day.status, day.totalRemaining) = (.soldOut, -2)
      case 10: day.unlimited = true
      case 24, 25:
        (day.status, day.closedReason, day.closureReason) = (.closed, .closed, "VACATION")
      case 26: (day.status, day.closedReason) = (.closed, .beyondHorizon)
      default: break
      }
    }
  }

  @Test func `a month has a row for each week`() {
    let lines = CalendarGrid.lines(december(), on: plain)
    #expect(
      lines == [
        "December 2026",
        " Mon       Tue       Wed       Thu       Fri       Sat       Sun",
        "           1 + 12    2 + 12    3 + 12    4 + 12    5 ~  3    6",
        " 7 !  1    8 ?  0    9 x -2   10 +  ∞   11 + 12   12 + 12   13 + 12",
        "14 + 12   15 + 12   16 + 12   17 + 12   18 + 12   19 + 12   20 + 12",
        "21 + 12   22 + 12   23 + 12   24 .      25 .      26 .      27 + 12",
        "28 + 12   29 + 12   30 + 12   31 + 12",
      ])
  }

  @Test func `closed days say why, those in a row together`() {
    #expect(
      CalendarGrid.reasons(december()) == [
        "2026-12-24..2026-12-25: CLOSED (VACATION)", "2026-12-26: BEYOND_HORIZON",
      ])
  }

  @Test func `colours are for terminals`() {
    let lines = CalendarGrid.lines(december(), on: colored)
    #expect(lines[3].contains("\u{1b}[31m 9 x -2\u{1b}[0m"))
    #expect(lines[2].contains("\u{1b}[33m 5 ~  3\u{1b}[0m"))
    #expect(!CalendarGrid.lines(december(), on: plain).joined().contains("\u{1b}"))
    #expect(CalendarGrid.lines([], on: plain).isEmpty)
  }

  @Test(arguments: [
    ("2026-12", "2026-12-01", "2026-12-31"), ("2027-02", "2027-02-01", "2027-02-28"),
    ("2028-02", "2028-02-01", "2028-02-29"), ("2026-11", "2026-11-01", "2026-11-30"),
  ])
  func `a month has a first and a last date`(text: String, first: String, last: String) throws {
    let request = try CalendarCommand.parse(["boat", "--month", text]).request()
    #expect(request.fromDate == first && request.toDate == last && request.quantity == 0)
  }

  @Test(arguments: ["2026", "2026-13", "2026-1", "december", "2026-12-01"])
  func `other words are no month`(text: String) {
    #expect(throws: (any Error).self) { try CalendarCommand.parse(["boat", "--month", text]) }
  }

  @Test func `obstacles are a table`() throws {
    var answer = ExplainAvailabilityResponse()
    answer.asOf = ProtobufTimestamp(seconds: 1_793_537_000)
    answer.sellable = true
    #expect(
      ExplainCommand.lines(answer, on: plain) == ["it can be sold as of 2026-11-01T12:43:20Z"])
    answer.sellable = false
    answer.obstacles = [Obstacle(), Obstacle()]
    (answer.obstacles[0].reason, answer.obstacles[0].subject) = (.paused, "boat")
    answer.obstacles[0].description = "Sales are paused."
    (answer.obstacles[1].reason, answer.obstacles[1].subject) = (.beyondHorizon, "guides")
    answer.obstacles[1].until = ProtobufTimestamp(seconds: 1_793_538_000)
    answer.obstacles[1].description = "Too far ahead."
    #expect(
      ExplainCommand.lines(answer, on: plain) == [
        "it cannot be sold as of 2026-11-01T12:43:20Z",
        "REASON          OF      LIFTS                 WHY",
        "PAUSED          boat    not by itself         Sales are paused.",
        "BEYOND_HORIZON  guides  2026-11-01T13:00:00Z  Too far ahead.",
      ])
  }

  @Test func `what is explained is one line of a reservation`() throws {
    let one = try ExplainCommand.parse(["boat@2026-12-24", "x4"]).request()
    #expect(one.productID == "boat" && one.slot == "2026-12-24" && one.quantity == 4)
    #expect(try ExplainCommand.parse(["mug"]).request().quantity == 0)
    #expect(throws: (any Error).self) { try ExplainCommand.parse(["mug", "cup"]) }
  }

  @Test func `a pause names products, or resources`() throws {
    let product = try PauseCommand.parse(["a"]).request("a")
    #expect(product.target == .productID("a") && product.paused)
    let resource = try PauseCommand.parse(["--resource", "a", "--lift", "--reason", "fixed"])
      .request("a")
    #expect(resource.target == .resourceID("a") && !resource.paused && resource.reason == "fixed")
  }

  @Test func `lists are tables`() {
    var (product, draw) = (Product(), Draw())
    (product.productID, product.sellerID, product.name) = ("mug", "sol", "Mug")
    (draw.resourceID, draw.units) = ("shelf", 2)
    (product.draws, product.paused) = ([draw], true)
    #expect(
      CatalogueTable.lines([product], on: plain) == [
        "PRODUCT  SELLER  DRAWS     STATE   NAME", "mug      sol     shelf x2  paused  Mug",
      ])
    #expect(CatalogueTable.lines([Resource](), on: plain) == ["no resources"])
  }
}
