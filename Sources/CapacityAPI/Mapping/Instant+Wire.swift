internal import Capacity
internal import Protobuf

extension Instant {
  /// Finer parts than a microsecond are cut off. The rules of the fields keep years to 0001 to 9999.
  init(_ timestamp: ProtobufTimestamp) {
    self =
      Instant(microseconds: 0)
      + Interval(ProtobufDuration(seconds: timestamp.seconds, nanos: timestamp.nanos))
  }

  var timestamp: ProtobufTimestamp {
    ProtobufTimestamp(
      seconds: seconds, nanos: Int32(microseconds - seconds * 1_000_000) * 1000)
  }

  /// RFC 3339 in UTC, to the microsecond where there is more than the second: `2026-12-24T15:30:00Z`.
  var text: String {
    let second = seconds
    let date = Zone.utc.date(atSecond: second)
    let time = Int(second - date.localSeconds)
    let fraction = Int(microseconds - second * 1_000_000)
    var result =
      "\(date)T\(twoDigits(time / 3600)):\(twoDigits(time / 60 % 60)):\(twoDigits(time % 60))"
    if fraction > 0 {
      let digits = String(fraction)
      result += "." + String(repeating: "0", count: 6 - digits.count) + digits
    }
    return result + "Z"
  }

  private func twoDigits(_ value: Int) -> String {
    value < 10 ? "0\(value)" : "\(value)"
  }
}

extension Interval {
  /// Saturates at what 64 bits of microseconds can count.
  init(_ duration: ProtobufDuration) {
    let (product, overflow) = duration.seconds.multipliedReportingOverflow(by: 1_000_000)
    let (sum, secondOverflow) = product.addingReportingOverflow(Int64(duration.nanos / 1000))
    let limit: Int64 = duration.seconds < 0 ? .min : .max
    self.init(microseconds: overflow || secondOverflow ? limit : sum)
  }

  var duration: ProtobufDuration {
    ProtobufDuration(
      seconds: microseconds / 1_000_000, nanos: Int32(microseconds % 1_000_000) * 1000)
  }
}
