/// A resource together with its time zone: it knows which days and slots exist and what each can carry.
///
/// An immutable object, so that a catalogue of many is copied without copying them.
package final class ScheduledResource: Sendable {
  package let resource: Resource
  package let zone: Zone
  /// What its definition gives any day or slot, overbooking apart; each once. Not every one need be in force anywhere.
  let limits: [Limit]

  package init(_ resource: Resource, zone: Zone) {
    self.resource = resource
    self.zone = zone
    limits = Array(resource.limits)
  }

  /// The days or slots of the local `date` in ascending order; a stock has none.
  package func occurrences(on date: CivilDate) -> [Occurrence] {
    switch resource.inventory {
    case .stock:
      return []
    case .daily:
      return day(date).map { [$0] } ?? []
    case .slots:
      let windows = windows(on: date)
      guard windows.count > 1 else { return windows.first.map { slots(of: $0, on: date) } ?? [] }
      // Two windows can meet on a day with a clock change; the first one has the slot, as in `slot(startingAt:)`.
      var taken: Set<Int64> = []
      return
        windows
        .flatMap { slots(of: $0, on: date) }
        .filter { taken.insert($0.ordinal).inserted }
        .sorted { $0.ordinal < $1.ordinal }
    }
  }

  /// The day `date` of a daily quota; nil where the zone's calendar skips it.
  package func day(_ date: CivilDate) -> Occurrence? {
    guard case .daily(let daily) = resource.inventory else { return nil }
    let start = zone.start(of: date)
    let end = zone.start(of: date.advanced(by: 1))
    guard start < end else { return nil }
    return Occurrence(
      ordinal: Int64(date.day), date: date, startSecond: start, endSecond: end,
      baseLimit: daily.limit(on: date.weekday))
  }

  /// The slot that starts at the UTC second `second`, if a window makes one there.
  package func slot(startingAt second: Int64) -> Occurrence? {
    let date = zone.date(atSecond: second)
    let weekday = date.weekday
    for window in windowsInForce(on: date) where window.days.contains(weekday) {
      let start = zone.second(of: date, window.start)
      let end = zone.second(of: date, window.end)
      let elapsed = second - start
      guard elapsed >= 0, elapsed % Int64(window.stepMinutes * 60) == 0 else { continue }
      guard second + Int64(window.slotMinutes * 60) <= end else { continue }
      return occurrence(of: window, on: date, at: second)
    }
    return nil
  }

  /// A stock, at the decision on the local date of `now`.
  package func stock(at now: Instant) -> Occurrence? {
    guard case .stock(let total) = resource.inventory else { return nil }
    return Occurrence(
      ordinal: 0, date: zone.date(at: now), startSecond: .min, endSecond: .max,
      baseLimit: total ?? .units(0))
  }

  private func windows(on date: CivilDate) -> [Window] {
    windowsInForce(on: date).filter { $0.days.contains(date.weekday) }
  }

  // Of all days of the week.
  private func windowsInForce(on date: CivilDate) -> [Window] {
    guard case .slots(let base) = resource.inventory else { return [] }
    guard !resource.overrides.isEmpty else { return base }
    let replaced = resource.overrides.first { $0.dates.contains(date) && !$0.windows.isEmpty }
    return replaced?.windows ?? base
  }

  /// The limits that days or slots of the local `date` can have, overbooking apart.
  func limits(on date: CivilDate) -> [Limit] {
    let base =
      if case .daily(let daily) = resource.inventory {
        [daily.limit(on: date.weekday)]
      } else {
        windows(on: date).map(\.limit)
      }
    let plain = season(on: date)?.limit.map { [$0] } ?? base
    guard let override = resource.overrides.first(where: { $0.dates.contains(date) }) else {
      return plain
    }
    let others = override.windows.isEmpty ? plain : base
    guard let limit = override.limit else { return others }
    return override.slots.isEmpty ? [limit] : [limit] + others
  }

  private func slots(of window: Window, on date: CivilDate) -> [Occurrence] {
    let end = zone.second(of: date, window.end)
    let length = Int64(window.slotMinutes * 60)
    var second = zone.second(of: date, window.start)
    var result: [Occurrence] = []
    while second + length <= end {
      result.append(occurrence(of: window, on: date, at: second))
      second += Int64(window.stepMinutes * 60)
    }
    return result
  }

  private func occurrence(of window: Window, on date: CivilDate, at second: Int64) -> Occurrence {
    Occurrence(
      ordinal: second, date: date, startSecond: second,
      endSecond: second + Int64(window.slotMinutes * 60), baseLimit: window.limit)
  }
}

extension ScheduledResource {
  /// The day or slot with this pool number that has not gone by at `now`, or the stock; nil once it has.
  ///
  /// Where the schedule makes none any more, because it was edited or because the rules of its time zone were, it is a
  /// withdrawn one: what was booked there is not lost.
  package func occurrence(ofOrdinal ordinal: Int64, at now: Instant) -> Occurrence? {
    switch resource.inventory.kind {
    case .stock:
      return stock(at: now)
    case .daily:
      let date = CivilDate(day: Int32(clamping: ordinal))
      let isOver = date < zone.date(at: now)
      return isOver ? nil : day(date) ?? withdrawn(ordinal)
    case .slots:
      let isOver = now >= Instant(seconds: ordinal)
      return isOver ? nil : slot(startingAt: ordinal) ?? withdrawn(ordinal)
    }
  }

  /// The place of a pool that the schedule makes none for any more: it lasts no time and carries nothing.
  package func withdrawn(_ ordinal: Int64) -> Occurrence {
    let isDay = resource.inventory.kind == .daily
    let date = isDay ? CivilDate(day: Int32(clamping: ordinal)) : zone.date(atSecond: ordinal)
    let start = isDay ? zone.start(of: date) : ordinal
    return Occurrence(
      ordinal: ordinal, date: date, startSecond: start, endSecond: start, baseLimit: .units(0))
  }
}
