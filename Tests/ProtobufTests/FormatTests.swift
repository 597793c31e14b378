import Protobuf
import Testing

@Suite struct FormatTests {
  @Test(arguments: [
    ("2026-12-24", true), ("2024-02-29", true), ("2023-02-29", false), ("1900-02-29", false),
    ("2000-02-29", true), ("2026-13-01", false), ("2026-00-10", false), ("2026-04-31", false),
    ("2026-01-00", false), ("0000-01-01", false), ("9999-12-31", true), ("2026-1-01", false),
    ("2026-01-011", false), ("2026/01/01", false), ("", false), ("２026-01-01", false),
  ])
  func date(text: String, outcome: Bool) { #expect(Format.isDate(text) == outcome) }

  @Test(arguments: [
    ("00:00", true), ("23:59", true), ("24:00", true), ("24:01", false), ("25:00", false),
    ("12:60", false), ("9:30", false), ("09:3", false), ("09:300", false), ("0930", false),
    ("", false),
  ])
  func clockTime(text: String, outcome: Bool) { #expect(Format.isClockTime(text) == outcome) }

  @Test(arguments: [
    ("2026-12-24", true), ("2026-12-24T10:30:00-05:00", true), ("2026-12-24T00:00:00+00:00", true),
    ("2026-12-24T23:59:59+14:00", true), ("2026-12-24T10:30:00-00:00", false),
    ("2026-12-24T10:30:00Z", false), ("2026-12-24T10:30:00", false),
    ("2026-12-24T10:30:00-05:60", false), ("2026-12-24T10:30:00-24:00", false),
    ("2026-12-24T24:00:00+00:00", false), ("2026-12-24T10:60:00+00:00", false),
    ("2026-12-24T10:30:60+00:00", false), ("2026-12-24t10:30:00+00:00", false),
    ("2026-12-24T10:30:00+0500x", false), ("2026-02-30T10:30:00+00:00", false),
    ("2026-12-24T10:30:00 05:00", false), ("2026-12-2ñT10:30:00+00:00", false), ("x", false),
  ])
  func slot(text: String, outcome: Bool) { #expect(Format.isSlot(text) == outcome) }

  @Test(arguments: [
    ("boat-1", true), ("!~", true), ("a b", false), ("a\t", false), ("ñ", false),
    ("\u{7f}", false),
  ])
  func id(text: String, outcome: Bool) { #expect(Format.isID(text) == outcome) }
}
