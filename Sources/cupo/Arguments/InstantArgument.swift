internal import ArgumentParser
internal import Capacity

/// A time as RFC 3339 writes it.
struct InstantArgument: ExpressibleByArgument, Equatable {
  let instant: Instant

  init?(argument: String) {
    guard let (seconds, nanos) = TimestampText.parse(argument) else { return nil }
    instant = Instant(seconds: seconds) + Interval(microseconds: Int64(nanos) / 1_000)
  }
}
