import SeededRandom
import Testing

@testable import RPC

@Suite("grpc-timeout")
struct TimeoutTests {
  static let valid: [(text: String, duration: Duration)] = [
    ("0n", .zero), ("1n", .nanoseconds(1)), ("5u", .microseconds(5)), ("100m", .milliseconds(100)),
    ("10S", .seconds(10)), ("2M", .seconds(120)), ("3H", .seconds(10_800)),
    ("99999999H", .seconds(99_999_999 * 3_600)), ("00000001S", .seconds(1)),
  ]

  @Test(arguments: valid)
  func timeoutsAreRead(text: String, duration: Duration) {
    #expect(Timeout.parse(text) == duration)
  }

  @Test(arguments: ["", "1", "S", "1s", "-1S", "+1S", "1.5S", "100000000S", "1 S", "1SS", "é1S"])
  func anythingElseIsNone(text: String) {
    #expect(Timeout.parse(text) == nil)
  }

  @Test(arguments: [
    (Duration.zero, "0n"), (.seconds(-5), "0n"), (.nanoseconds(99_999_999), "99999999n"),
    (.nanoseconds(100_000_000), "100000u"), (.nanoseconds(100_000_001), "100001u"),
    (.seconds(100), "100000m"), (.seconds(100_000), "100000S"), (.seconds(100_000_000), "1666667M"),
    (.seconds(99_999_999 * 3_600 + 1), "99999999H"),
  ])
  func timeoutsAreWrittenRoundedUp(duration: Duration, text: String) {
    #expect(Timeout.format(duration) == text)
  }

  @Test func nothingIsLostButRounding() throws {
    var random = SplitMix("timeout")
    for _ in 0..<1_000 {
      let scale = Int64.random(in: 0...17, using: &random)
      let limit = (0..<scale).reduce(Int64(10)) { value, _ in value * 10 }
      let duration = Duration.nanoseconds(Int64.random(in: 0..<limit, using: &random))
      let text = Timeout.format(duration)
      #expect(text.count <= 9)
      let read = try #require(Timeout.parse(text))
      #expect(read >= duration)
      #expect(read <= duration * 1.000_02 + .nanoseconds(1))
    }
  }
}
