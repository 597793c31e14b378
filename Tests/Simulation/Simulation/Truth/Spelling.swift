import Capacity

/// What the world meant by the text of a slot; texts are never parsed by the truth.
package enum Spelling: Hashable, Sendable {
  case stock
  case day(Int64)
  case start(second: Int64, offset: Int64)

  /// The canonical text.
  package var text: String {
    switch self {
    case .stock: ""
    case .day(let day): Self.date(day)
    case .start(let second, let offset):
      Self.start(second + offset, offset)
    }
  }

  private static func start(_ local: Int64, _ offset: Int64) -> String {
    let time = local % 86_400
    let (hours, minutes, seconds) = (time / 3600, time / 60 % 60, time % 60)
    let size = abs(offset)
    return date(local / 86_400) + "T" + two(hours) + ":" + two(minutes) + ":" + two(seconds)
      + (offset < 0 ? "-" : "+") + two(size / 3600) + ":" + two(size / 60 % 60)
  }

  private static func two(_ number: Int64) -> String {
    number < 10 ? "0\(number)" : "\(number)"
  }

  private static func date(_ day: Int64) -> String {
    var (year, rest) = (Int64(1970), day)
    while rest >= length(year) {
      rest -= length(year)
      year += 1
    }
    let february: Int64 = length(year) == 366 ? 29 : 28
    var month: Int64 = 1
    for length in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
      if rest < length { break }
      rest -= length
      month += 1
    }
    return "\(year)-\(two(month))-\(two(rest + 1))"
  }

  private static func length(_ year: Int64) -> Int64 {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 366 : 365
  }
}
