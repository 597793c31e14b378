import ArgumentParser
import Capacity
import CapacityEngine
import CupoSchema
import Protobuf
import Testing

@testable import cupo

/// `cupo events`, `repair`, and what `serve` takes for the log.
@Suite struct EventCommandTests {
  private let plain = Terminal(isInteractive: false, hasColor: false)

  @Test func `events takes all its options`() throws {
    let command = try EventsCommand.parse([
      "--resume", "AQID/w==", "--type", "reservation-held", "--type", "REPAIRED", "--seller", "sol",
      "--no-follow",
    ])
    let request = command.request()
    #expect(request.resumeToken == [1, 2, 3, 255])
    #expect(request.types == [.reservationHeld, .repaired])
    #expect(request.sellerID == "sol")
    #expect(!request.fromBeginning)
    #expect(try EventsCommand.parse(["--from", "start"]).request().fromBeginning)
  }

  @Test(arguments: [
    ["--resume", "AQID", "--from", "start"], ["--resume", "A"], ["--resume", "AAAAA"],
    ["--resume", "=="],
    ["--resume", "AQ!D"], ["--type", "sold"], ["--type", "unspecified"], ["--from", "yesterday"],
  ])
  func `other options are none of events`(words: [String]) {
    #expect(throws: (any Error).self) { try EventsCommand.parse(words) }
  }

  @Test(arguments: 0..<70) func `base64 is read back`(count: Int) {
    let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ 5) }
    let text = Base64Text.encode(bytes[...])
    #expect(Base64Text.decode(text) == bytes)
    #expect(Base64Text.decode(String(text.filter { $0 != "=" })) == bytes)
  }

  @Test(arguments: [
    ("1", 1), ("500MB", 500_000_000), ("2gib", 2 << 30), ("64KiB", 65_536), ("7B", 7),
  ])
  func `sizes`(text: String, bytes: Int) {
    #expect(SizeArgument(argument: text)?.bytes == bytes)
  }

  @Test(arguments: ["", "MB", "-1", "1.5GB", "1 GB", "9999999999TB", "1XB"])
  func `no sizes`(text: String) {
    #expect(SizeArgument(argument: text) == nil)
  }

  @Test func `serve keeps everything unless told otherwise`() throws {
    let command = try ServeCommand.parse(["--keep-events", "30d", "--keep-events-size", "1GB"])
    #expect(command.retention.maxAge == Interval(microseconds: 30 * 86_400_000_000))
    #expect(command.retention.maxBytes == 1_000_000_000)
    #expect(try ServeCommand.parse([]).retention.maxAge == nil)
    #expect(try ServeCommand.parse([]).retention.maxBytes == nil)
    #expect(throws: (any Error).self) { try ServeCommand.parse(["--keep-events", "0s"]) }
    #expect(try ServeCommand.parse([]).retention.closedMaxAge == nil)
    let keeping = try ServeCommand.parse(["--keep-reservations", "400d"])
    #expect(keeping.retention.closedMaxAge == Interval(seconds: 400 * 86_400))
    #expect(throws: (any Error).self) { try ServeCommand.parse(["--keep-reservations", "47h"]) }
  }

  @Test func `an event is a line`() {
    var event = CupoSchema.Event()
    event.sequence = 12
    event.type = .reservationConsumed
    event.at = ProtobufTimestamp(seconds: 1_700_000_000)
    event.subject = "rsv_1"
    event.actor = "ana"
    event.reservation = CupoSchema.Reservation()
    event.reservation?.code = "K7QF-93MX"
    var movement = CupoSchema.Movement()
    movement.resourceID = "boat"
    movement.slot = "2026-12-24"
    (movement.held, movement.consumed) = (-2, 2)
    event.movements = [movement]
    var balance = PoolBalance()
    (balance.held, balance.consumed) = (1, 7)
    event.balances = [balance]
    #expect(
      EventText.line(event, on: plain)
        == "12 2023-11-14T22:13:20Z reservation-consumed rsv_1 K7QF-93MX by ana"
        + " · boat@2026-12-24 held -2 sold +2 (held 1, sold 7)")
  }

  @Test func `repairs are sentences`() {
    let pool = PoolKey(resourceID: "hall", ordinal: 0)
    let entries: [LedgerRepair.Entry] = [
      .gap(LogGap(after: 4, before: 6)), .gap(LogGap(after: 4, before: 9)),
      .logged(reservation: 3), .restored(reservation: 5), .lane(nextSequence: 10),
      .pool(
        pool, stored: Pool(held: 6, consumed: 2, revision: 5),
        logged: Pool(held: 0, consumed: 2, revision: 4),
        balance: Pool(held: 1, consumed: 2, revision: 6)),
    ]
    #expect(
      RepairReport(entries: entries, isDryRun: false).text == """
        6 repaired
          event 5 is missing: noted in the log
          events 5 to 8 are missing: noted in the log
          reservation number 3: its stored state is logged again
          reservation number 5: stored as its last event left it
          the next event is 10
          pool hall/0: counter held 6, consumed 2, revision 5, log held 0, consumed 2, revision 4; \
        both are held 1, consumed 2, revision 6 now
        """)
    #expect(
      RepairReport(entries: entries, isDryRun: true).text.hasPrefix("6 to repair; nothing was"))
    #expect(RepairReport(entries: [], isDryRun: false).text.hasPrefix("nothing to repair"))
  }
}
