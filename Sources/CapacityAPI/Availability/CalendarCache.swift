internal import Capacity
internal import Synchronization

/// Keeps the days that were worked out for one question for the next. Definitions decide what a day is, so what it keeps
/// of an offer is good until the offer is another; counters and instants are never in it.
final class CalendarCache: Sendable {
  /// Slots that are kept at most, of all products together; the calendars that were not asked for longest go first.
  static let slotsMax = 400_000

  private struct Entry {
    var calendar: ProductCalendar
    var lastUse: UInt64
  }

  private struct State {
    var entries: [String: Entry] = [:]
    var slotsCount = 0
    var uses: UInt64 = 0
  }

  private let slotsMax: Int
  private let state = Mutex(State())

  init(slotsMax: Int = CalendarCache.slotsMax) {
    self.slotsMax = slotsMax
  }

  /// What is known of the days of `offer`.
  func calendar(of offer: Offer) -> ProductCalendar {
    state.withLock { state in
      state.uses += 1
      let id = offer.product.id
      guard let entry = state.entries[id], entry.calendar.offer.isSame(as: offer) else {
        return ProductCalendar(offer)
      }
      state.entries[id]?.lastUse = state.uses
      return entry.calendar
    }
  }

  /// Keeps `calendar`. One that has grown to more than half of everything is let go instead: what is asked about moves on with
  /// time, and the days behind it would stay for ever.
  func keep(_ calendar: ProductCalendar) {
    state.withLock { state in
      let id = calendar.offer.product.id
      let known = state.entries[id]?.calendar
      // Somebody else worked out more of the same in the meantime.
      if let known, known.offer.isSame(as: calendar.offer),
        known.slotsCount >= calendar.slotsCount
      {
        return
      }
      state.slotsCount -= known?.slotsCount ?? 0
      guard calendar.slotsCount <= slotsMax / 2 else {
        state.entries[id] = nil
        return
      }
      state.uses += 1
      state.entries[id] = Entry(calendar: calendar, lastUse: state.uses)
      state.slotsCount += calendar.slotsCount
      while state.slotsCount > slotsMax,
        let oldest = state.entries.min(by: { $0.value.lastUse < $1.value.lastUse })
      {
        state.slotsCount -= oldest.value.calendar.slotsCount
        state.entries[oldest.key] = nil
      }
    }
  }

  /// For tests: how many slots are kept.
  var slotsCount: Int { state.withLock { $0.slotsCount } }
}
