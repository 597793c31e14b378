/// The POSIX rule in a TZif footer, such as `CET-1CEST,M3.5.0,M10.5.0/3` (RFC 8536, section 3.3).
struct ZoneRule {
  private let standardOffset: Int32
  private let daylight: Daylight?

  private struct Daylight {
    var offset: Int32
    var begins: Day
    var ends: Day
  }

  /// A day of the year and the local second of it at which clocks change.
  private struct Day {
    var kind: Kind
    var second: Int64

    enum Kind {
      /// Day 1 to 365, 29 February never counted.
      case julian(Int)
      /// Day 0 to 365, 29 February counted.
      case zeroBased(Int)
      case weekday(month: Int, week: Int, day: Int)
    }
  }

  init?(_ text: String) {
    var cursor = AsciiScanner(text)
    guard cursor.name(), let west = cursor.signedTime() else { return nil }
    standardOffset = Int32(-west)
    guard !cursor.isAtEnd else {
      daylight = nil
      return
    }
    guard cursor.name() else { return nil }
    var offset = standardOffset + 3600
    if cursor.peek != UInt8(ascii: ",") {
      guard let west = cursor.signedTime() else { return nil }
      offset = Int32(-west)
    }
    guard
      let begins = ZoneRule.day(&cursor), let ends = ZoneRule.day(&cursor), cursor.isAtEnd
    else { return nil }
    daylight = Daylight(offset: offset, begins: begins, ends: ends)
  }

  /// The changes from 1970 to the end of `year`, ascending.
  func transitions(through year: Int) -> [Zone.Transition] {
    guard let daylight else {
      return [Zone.Transition(at: Int64.min + 1, offset: standardOffset)]
    }
    var result: [Zone.Transition] = []
    for year in 1970...year {
      let begin = ZoneRule.localSecond(daylight.begins, year: year) - Int64(standardOffset)
      let end = ZoneRule.localSecond(daylight.ends, year: year) - Int64(daylight.offset)
      result.append(Zone.Transition(at: begin, offset: daylight.offset))
      result.append(Zone.Transition(at: end, offset: standardOffset))
    }
    return result.sorted { $0.at < $1.at }
  }

  private static func day(_ cursor: inout AsciiScanner) -> Day? {
    guard cursor.skip(UInt8(ascii: ",")) else { return nil }
    let kind: Day.Kind
    if cursor.skip(UInt8(ascii: "M")) {
      guard
        let month = cursor.number(), cursor.skip(UInt8(ascii: ".")),
        let week = cursor.number(), cursor.skip(UInt8(ascii: ".")), let day = cursor.number(),
        (1...12).contains(month), (1...5).contains(week), (0...6).contains(day)
      else { return nil }
      kind = .weekday(month: month, week: week, day: day)
    } else if cursor.skip(UInt8(ascii: "J")) {
      guard let day = cursor.number() else { return nil }
      kind = .julian(day)
    } else {
      guard let day = cursor.number() else { return nil }
      kind = .zeroBased(day)
    }
    guard cursor.skip(UInt8(ascii: "/")) else { return Day(kind: kind, second: 7200) }
    guard let second = cursor.signedTime() else { return nil }
    return Day(kind: kind, second: Int64(second))
  }

  private static func localSecond(_ day: Day, year: Int) -> Int64 {
    Int64(dayNumber(day.kind, year: year)) * 86_400 + day.second
  }

  private static func dayNumber(_ kind: Day.Kind, year: Int) -> Int {
    let newYear = Int(CivilDate.dayNumber(year: year, month: 1, day: 1))
    switch kind {
    case .julian(let day):
      let leap = CivilDate.length(ofMonth: 2, year: year) == 29 && day >= 60
      return newYear + day - 1 + (leap ? 1 : 0)
    case .zeroBased(let day):
      return newYear + day
    case .weekday(let month, let week, let day):
      let first = Int(CivilDate.dayNumber(year: year, month: month, day: 1))
      // POSIX counts days from Sunday, 1970-01-01 was a Thursday.
      let weekdayOfFirst = (first + 4) % 7
      var date = first + (day - weekdayOfFirst + 7) % 7 + (week - 1) * 7
      if date >= first + CivilDate.length(ofMonth: month, year: year) { date -= 7 }
      return date
    }
  }
}
