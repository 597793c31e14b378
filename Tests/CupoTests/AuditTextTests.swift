import Capacity
import CapacityEngine
import Testing

@testable import cupo

@Suite("How the audit log is printed")
struct AuditTextTests {
  private static func entry(reason: String) throws -> (AuditEntry, AuditRecord) {
    let record = AuditRecord(
      .denied, at: Instant(microseconds: 1_800_000_000_500_000),
      AuditRecord.Source(
        actor: "mallory", roles: ["BUYER"], peer: "10.0.0.9:4711", method: "/x/Y", requestID: "r"),
      subject: "hall", reason: reason, outcome: "NOT_OWNER")
    var head = AuditHead()
    return (try AuditSeal.entry(record, in: .system(0), onto: &head), record)
  }

  @Test func aLineSaysWhoWhenWhereWhatAndWhy() throws {
    let (entry, record) = try Self.entry(reason: "no reason")
    #expect(
      AuditText.line(entry, record)
        == "system-0 1  2027-01-15T08:00:00.500Z  denied  mallory (BUYER)  from 10.0.0.9:4711  /x/Y  "
        + "hall  NOT_OWNER  \"no reason\"  [r]")
  }

  @Test func whoIsNobodyHasNoName() throws {
    let entry = try Self.entry(reason: "").0
    var record = try AuditSeal.record(of: entry)
    record.source = AuditRecord.Source(actor: "", peer: "10.0.0.9:4711", method: "/x/Y")
    record.outcome = "TOKEN_MISSING"
    #expect(
      AuditText.line(entry, record)
        .hasSuffix("denied  (unknown)  from 10.0.0.9:4711  /x/Y  hall  TOKEN_MISSING"))
    #expect(AuditText.json(entry, record).line.contains("\"actor\":\"\""))
  }

  @Test func whatCallersWroteDoesNotDriveTheTerminal() throws {
    let (entry, record) = try Self.entry(reason: "\u{1b}[2J\n\u{202e}\u{9b}x")
    let line = AuditText.line(entry, record)
    #expect(line.contains("\"\u{FFFD}[2J\u{FFFD}\u{FFFD}\u{FFFD}x\""))
    #expect(!AuditText.json(entry, record).line.utf8.contains { $0 < 0x20 })
  }

  @Test func kindsAndTimesAreArguments() {
    #expect(AuditKindArgument(argument: "not-written")?.kind == .notWritten)
    #expect(AuditKindArgument(argument: "DENIED")?.kind == .denied)
    #expect(AuditKindArgument(argument: "nothing") == nil)
    #expect(
      InstantArgument(argument: "2027-01-15T08:00:00.5Z")?.instant.microseconds
        == 1_800_000_000_500_000)
    #expect(InstantArgument(argument: "yesterday") == nil)
  }
}
