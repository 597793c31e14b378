/// A time zone as a value: every change of its offset from UTC, through the year 2199.
///
/// Gaps and overlaps are resolved as SYSTEM promises: a local time that does not exist is the first valid instant
/// after it, and of a local time that happens twice the first is meant.
package struct Zone: Hashable, Sendable {
  /// One change: from `at` on, local time is UTC plus `offset` seconds.
  package struct Transition: Hashable, Sendable {
    package let at: Int64
    package let offset: Int32

    package init(at: Int64, offset: Int32) {
      self.at = at
      self.offset = offset
    }
  }

  /// The IANA name.
  package let name: String
  private let initialOffset: Int32
  private let transitions: [Transition]

  /// - Parameter transitions: ascending by instant.
  package init(name: String, initialOffset: Int32, transitions: [Transition]) {
    self.name = name
    self.initialOffset = initialOffset
    self.transitions = transitions
  }

  /// The offset at the beginning of time and every change of it, ascending: what tells two editions of a zone apart.
  package var history: [Transition] {
    [Transition(at: .min, offset: initialOffset)] + transitions
  }

  package static let utc = Zone(name: "UTC", initialOffset: 0, transitions: [])

  /// Seconds to add to UTC at `second`.
  package func offset(atSecond second: Int64) -> Int32 {
    let count = transitionsCount(upTo: second)
    return count == 0 ? initialOffset : transitions[count - 1].offset
  }

  /// The UTC second at which the wall clock first shows `local`, seconds since 1970-01-01T00:00 on that clock.
  package func second(ofLocal local: Int64) -> Int64 {
    // No offset exceeds 26 hours, so only periods near `local` can show it.
    let reach: Int64 = 26 * 3600
    var index = transitionsCount(upTo: local - reach)
    while true {
      let start = index == 0 ? Int64.min : transitions[index - 1].at
      let offset = index == 0 ? initialOffset : transitions[index - 1].offset
      let end = index < transitions.count ? transitions[index].at : Int64.max
      let candidate = local - Int64(offset)
      // Before this period's first instant: the clock jumped over `local`.
      if candidate < start { return start }
      if candidate < end { return candidate }
      index += 1
    }
  }

  /// The UTC second at which `date` begins.
  package func start(of date: CivilDate) -> Int64 {
    second(ofLocal: date.localSeconds)
  }

  /// The UTC second at which the wall clock of `date` first shows `time`.
  package func second(of date: CivilDate, _ time: ClockTime) -> Int64 {
    second(ofLocal: date.localSeconds + Int64(time.minutes) * 60)
  }

  /// The local date at `instant`.
  package func date(at instant: Instant) -> CivilDate {
    date(atSecond: instant.seconds)
  }

  /// The local date at the UTC second `second`.
  package func date(atSecond second: Int64) -> CivilDate {
    let local = second + Int64(offset(atSecond: second))
    let day = local >= 0 ? local / 86_400 : (local - 86_399) / 86_400
    return CivilDate(day: Int32(clamping: day))
  }

  /// Instants around `instant` that have the same local date, as far as the clock is not changed.
  func instants(around instant: Instant) -> Range<Instant> {
    let second = instant.seconds
    let count = transitionsCount(upTo: second)
    let midnight = date(atSecond: second).localSeconds - Int64(offset(atSecond: second))
    let start = count == 0 ? midnight : max(midnight, transitions[count - 1].at)
    var end = midnight + 86_400
    if count < transitions.count { end = min(end, transitions[count].at) }
    return Instant(seconds: start)..<Instant(seconds: end)
  }

  /// The first beginning of a local date after `instant`.
  func midnight(after instant: Instant) -> Instant {
    var date = date(at: instant)
    var start: Instant
    // A date that the calendar skips begins with the one behind it; where the clock goes back over midnight, a date begins once.
    repeat {
      date = date.advanced(by: 1)
      start = Instant(seconds: self.start(of: date))
    } while start <= instant
    return start
  }

  /// Whether the zone's calendar has `date` at all: Pacific/Apia skipped 2011-12-30.
  package func has(_ date: CivilDate) -> Bool {
    start(of: date) < start(of: date.advanced(by: 1))
  }

  private func transitionsCount(upTo second: Int64) -> Int {
    var low = 0
    var high = transitions.count
    while low < high {
      let middle = (low + high) / 2
      if transitions[middle].at <= second { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
