import CupoClient
import CupoSchema
import Protobuf
import RPC
import Testing

@testable import cupo

@Suite struct OutputTests {
  private let plain = Terminal(isInteractive: false, hasColor: false)

  private func slot(
    _ name: String, _ status: AvailabilityStatus, limit: Int64, held: Int64, sold: Int64
  ) -> SlotAvailability {
    var slot = SlotAvailability()
    (slot.productID, slot.slot, slot.status) = ("boat", name, status)
    (slot.capacity, slot.held, slot.consumed) = (limit, held, sold)
    slot.remaining = limit - held - sold
    return slot
  }

  @Test func `availability is a table with a bar for each slot`() {
    var closed = slot("2026-12-24", .closed, limit: 20, held: 0, sold: 2)
    (closed.closedReason, closed.closureReason) = (.closed, "VACATION")
    var held = slot("2026-12-25", .heldOnly, limit: 20, held: 5, sold: 15)
    held.nextHoldExpiry = ProtobufTimestamp(seconds: 1_793_538_000)
    var free = slot("2026-12-26", .available, limit: 0, held: 0, sold: 0)
    free.unlimited = true
    let lines = AvailabilityTable.lines(
      [
        slot("2026-12-23T10:00:00-05:00", .limited, limit: 1_000, held: 1, sold: 998), closed,
        held, free, slot("", .insufficient, limit: 3, held: 0, sold: 4),
      ], on: plain)
    #expect(
      lines == [
        "SLOT                       STATUS        TAKEN                 LEFT    OF  HELD  SOLD",
        "2026-12-23T10:00:00-05:00  limited       ██████████████████▒░     1  1000     1   998",
        "2026-12-24                 closed        ██░░░░░░░░░░░░░░░░░░    18    20     0     2  CLOSED (VACATION)",
        "2026-12-25                 held only     ███████████████▒▒▒▒▒     0    20     5    15  next hold ends 2026-11-01T13:00:00Z",
        "2026-12-26                 available     ░░░░░░░░░░░░░░░░░░░░     ∞     ∞     0     0",
        "(any time)                 insufficient  ████████████████████    -1     3     0     4",
      ])
  }

  @Test func `a bar is always as wide, and shows whatever is there`() {
    let counts: [Int64] = [0, 1, 2, 3, 7, 19, 20, 21, 500, 998, 999, 1_000, 1_000_000_000_000_000]
    for limit in counts {
      for held in counts {
        for consumed in counts where limit + held + consumed > 0 {
          let bar = AvailabilityTable.bar(limit: limit, held: held, consumed: consumed)
          #expect(bar.count == AvailabilityTable.barWidth, "\(limit) \(held) \(consumed)")
          #expect(bar.contains("▒") == (held > 0), "\(limit) \(held) \(consumed)")
          #expect(bar.contains("█") == (consumed > 0), "\(limit) \(held) \(consumed)")
          #expect(bar.contains("░") == (held + consumed < limit), "\(limit) \(held) \(consumed)")
        }
      }
    }
  }

  @Test func `colours are for terminals`() {
    let colored = Terminal(isInteractive: true, hasColor: true)
    let slots = [slot("a", .soldOut, limit: 1, held: 0, sold: 1)]
    #expect(AvailabilityTable.lines(slots, on: colored)[1].contains("\u{1b}[31msold out\u{1b}[0m"))
    #expect(!AvailabilityTable.lines(slots, on: plain)[1].contains("\u{1b}"))
  }

  @Test func `a change is a line`() {
    let change = slot("2026-12-23", .limited, limit: 10, held: 1, sold: 8)
    #expect(WatchScreen.line(change) == "boat@2026-12-23 LIMITED left=1 of=10 held=1 sold=8")
    var gone = SlotAvailability()
    (gone.productID, gone.removed) = ("mug", true)
    #expect(WatchScreen.line(gone) == "mug removed")
  }

  @Test func `a reservation says how long it still holds`() {
    var reservation = Reservation()
    (reservation.reservationID, reservation.code) = ("rsv_1", "K7QF-93MX")
    (reservation.state, reservation.version, reservation.buyerID) = (.held, 1, "ana")
    reservation.expiresAt = ProtobufTimestamp(seconds: 1_793_538_000)
    var line = ReservedLine()
    (line.productID, line.quantity, line.held) = ("mug", 2, 2)
    reservation.lines = [line]
    #expect(
      ReservationText.lines(reservation, now: 1_793_537_430, on: plain) == [
        "rsv_1  K7QF-93MX  HELD", "  buyer: ana",
        "  expires: 2026-11-01T13:00:00Z (in 9m 30s)", "  version: 1",
        "  LINE  PRODUCT  SLOT  QUANTITY  HELD  SOLD  RELEASED",
        "  0     mug      -            2     2     0         0",
      ])
  }

  @Test func `JSON has the names of the proto files, and defaults`() {
    var response = ReserveResponse()
    var reservation = Reservation()
    reservation.state = .held
    reservation.createdAt = ProtobufTimestamp(seconds: 0, nanos: 5_000_000)
    reservation.version = .max
    var line = ReservedLine()
    (line.priceAdjustmentBp, line.pricingTriggerIDs) = (-250, ["x", "y"])
    reservation.lines = [line]
    response.reservation = reservation
    #expect(
      MessageJSON.value(response).line
        == #"{"reservation":{"reservation_id":"","code":"","state":"RESERVATION_STATE_HELD","#
        + #""buyer_id":"","reference":"","lines":[{"product_id":"","slot":"","quantity":0,"#
        + #""held":0,"consumed":0,"released":0,"seller_id":"","price_adjustment_bp":-250,"#
        + #""pricing_trigger_ids":["x","y"]}],"created_at":"1970-01-01T00:00:00.005Z","#
        + #""version":18446744073709551615,"extensions":0},"replayed":false}"#)
  }

  @Test func `JSON leaves out what is not chosen, and reads packed enums`() {
    var window = Slots.Window()
    window.days = [.monday, .sunday]
    window.limit = Limit()
    #expect(
      MessageJSON.value(window).line
        == #"{"days":["WEEKDAY_MONDAY","WEEKDAY_SUNDAY"],"start":"","end":"","#
        + #""slot_minutes":0,"step_minutes":0,"limit":{}}"#)
  }

  @Test func `every message of the contract can be written as JSON`() {
    for entry in MethodEntry.all {
      #expect(SchemaIndex.cupo.messages[entry.requestType] != nil, "\(entry.requestType)")
      #expect(SchemaIndex.cupo.messages[entry.responseType] != nil, "\(entry.responseType)")
    }
  }
}
