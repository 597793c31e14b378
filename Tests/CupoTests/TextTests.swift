import Testing

@testable import cupo

@Suite struct TextTests {
  @Test(
    arguments: [
      ("90s", 90_000), ("15m", 900_000), ("2h", 7_200_000), ("1d", 86_400_000), ("250ms", 250),
      ("1h30m", 5_400_000), ("1.5s", 1_500), ("0s", 0), ("", nil), ("5", nil), ("s", nil),
      ("-5s", nil), ("5 s", nil), ("5w", nil), ("1..5s", nil), ("9223372036854775807d", nil),
      ("9223372036854775807d1s", nil), ("366000d1s", nil),
    ] as [(String, Int64?)])
  func `durations`(text: String, milliseconds: Int64?) {
    #expect(DurationText.milliseconds(text) == milliseconds)
  }

  @Test(arguments: [
    (0, "0s"), (59, "59s"), (60, "1m"), (570, "9m 30s"), (3_600, "1h"), (187_200, "2d 4h"),
    (86_405, "1d"),
  ])
  func `durations for people`(seconds: Int64, text: String) {
    #expect(DurationText.rough(seconds: seconds) == text)
  }

  @Test(arguments: [
    (900, 0, "900s"), (1, 500_000_000, "1.500s"), (0, -1, "-0.000000001s"), (-3, 0, "-3s"),
  ])
  func `durations as protobuf JSON has them`(seconds: Int64, nanos: Int, text: String) {
    #expect(DurationText.seconds(seconds, nanos: nanos) == text)
  }

  @Test(
    arguments: [
      ("1970-01-01T00:00:00Z", 0, 0), ("2026-11-01T08:00:00-05:00", 1_793_538_000, 0),
      ("2026-11-01T13:00:00.25Z", 1_793_538_000, 250_000_000), ("2026-11-01", nil, 0),
      ("2026-11-01T24:00:00Z", nil, 0), ("2026-02-29T00:00:00Z", nil, 0),
      ("2026-11-01T08:00:00", nil, 0), ("2026-11-01T08:00:00+5", nil, 0),
      ("2026-11-01T+8:00:00Z", nil, 0), ("2026-11-01T08:00:00.Z", nil, 0),
    ] as [(String, Int64?, Int32)])
  func `instants are read`(text: String, seconds: Int64?, nanos: Int32) {
    let found = TimestampText.parse(text)
    #expect(found?.seconds == seconds)
    if seconds != nil { #expect(found?.nanos == nanos) }
  }

  @Test func `instants are written in UTC`() {
    #expect(TimestampText.format(seconds: 1_793_538_000) == "2026-11-01T13:00:00Z")
    #expect(
      TimestampText.format(seconds: 0, nanos: 1_500_000) == "1970-01-01T00:00:00.001500Z")
  }

  @Test(arguments: [
    ([], ""), ([0x66], "Zg=="), ([0x66, 0x6f], "Zm8="), ([0x66, 0x6f, 0x6f], "Zm9v"),
    ([0xff, 0xfe, 0xfd, 0xfc], "//79/A=="),
  ])
  func `base64`(bytes: [UInt8], text: String) {
    #expect(Base64Text.encode(bytes[...]) == text)
  }

  @Test func `JSON keeps its order and escapes what it must`() {
    let value = JSONValue.object([
      .init("b", .string("\"\\\n\u{1}é")), .init("a", .array([.number("1"), .null])),
      .init("c", .object([])),
    ])
    #expect(value.line == #"{"b":"\"\\\n\u0001é","a":[1,null],"c":{}}"#)
    #expect(
      value.pretty == """
        {
          "b": "\\"\\\\\\n\\u0001é",
          "a": [
            1,
            null
          ],
          "c": {}
        }
        """)
  }

  @Test(
    arguments: [
      ("seller", "seller_id"), ("resorce_id", "resource_id"), ("x", nil), ("zzzzzz", nil),
    ] as [(String, String?)])
  func `the closest name`(text: String, name: String?) {
    #expect(ClosestName.of(text, in: ["resource_id", "seller_id"]) == name)
  }
}
