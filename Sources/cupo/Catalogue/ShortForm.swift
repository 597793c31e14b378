internal import CupoSchema
internal import Protobuf

/// The messages that a catalogue file can write as a single value.
enum ShortForm {
  /// The wire form of `text` as a message of `type`; nil for a message that has no short form.
  static func bytes(_ text: String, as type: String) -> Result<[UInt8], Expectation>? {
    switch type {
    case Limit.fullName: limit(text)
    case ProtobufDuration.fullName: duration(text)
    case ProtobufTimestamp.fullName: timestamp(text)
    case DateRange.fullName: dates(text)
    case Draw.fullName: draw(text)
    default: nil
    }
  }

  private static func limit(_ text: String) -> Result<[UInt8], Expectation> {
    var limit = Limit()
    if text == "unlimited" {
      limit.kind = .unlimited(true)
    } else if let units = UInt64(text.filter { $0 != "_" }) {
      limit.kind = .units(units)
    } else {
      return .failure(Expectation(message: "a limit is a number from 0 on, or `unlimited`"))
    }
    return .success(limit.encoded())
  }

  private static func duration(_ text: String) -> Result<[UInt8], Expectation> {
    guard let duration = ProtobufDuration(text: text) else {
      return .failure(Expectation(message: "a duration is as in `90s`, `15m`, `2h` or `1d`"))
    }
    return .success(duration.encoded())
  }

  private static func timestamp(_ text: String) -> Result<[UInt8], Expectation> {
    guard let (seconds, nanos) = TimestampText.parse(text) else {
      let message = "an instant is as in `2026-12-01T08:00:00Z` or `2026-12-01T08:00:00-05:00`"
      return .failure(Expectation(message: message))
    }
    return .success(ProtobufTimestamp(seconds: seconds, nanos: nanos).encoded())
  }

  // One date, or two with `..` between.
  private static func dates(_ text: String) -> Result<[UInt8], Expectation> {
    let ends = text.split(separator: "..", omittingEmptySubsequences: false).map(String.init)
    guard let first = ends.first, let last = ends.last, ends.count <= 2,
      Format.isDate(first), Format.isDate(last)
    else {
      let message = "dates are as in `2026-12-24` or `2026-12-24..2026-12-31`"
      return .failure(Expectation(message: message))
    }
    var range = DateRange()
    (range.fromDate, range.toDate) = (first, last)
    return .success(range.encoded())
  }

  private static func draw(_ text: String) -> Result<[UInt8], Expectation> {
    var draw = Draw()
    (draw.resourceID, draw.units) = (text, 1)
    return .success(draw.encoded())
  }
}

extension ProtobufDuration {
  /// Reads a duration as people write them; see ``DurationText``.
  init?(text: String) {
    guard let milliseconds = DurationText.milliseconds(text) else { return nil }
    self.init(seconds: milliseconds / 1_000, nanos: Int32(milliseconds % 1_000) * 1_000_000)
  }
}
