internal import Capacity

/// How long what was planned for "today" is planned for today: in each zone until the date moves on.
struct SameDay: Sendable {
  /// Since when; nil: it does not depend on the day.
  private(set) var began: Instant?
  /// Until when.
  private(set) var ends: Instant?

  /// It was planned for `date` in `zone`.
  mutating func add(_ date: CivilDate, in zone: Zone) {
    let start = Instant(seconds: zone.start(of: date))
    let end = Instant(seconds: zone.start(of: date.advanced(by: 1)))
    began = max(began ?? start, start)
    ends = min(ends ?? end, end)
  }

  func isOver(at now: Instant) -> Bool { ends.map { $0 <= now } ?? false }

  /// Whether the day is the same at what `clock` says, which may have been set back.
  func holds(_ clock: () -> Instant) -> Bool {
    guard let began, let ends else { return true }
    let now = clock()
    return began <= now && now < ends
  }
}
