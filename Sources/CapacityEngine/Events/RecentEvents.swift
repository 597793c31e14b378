import Capacity

/// The newest events that somebody has read, without a gap, so that those who follow the end of the log share one read.
struct RecentEvents {
  private let countMax: Int
  // In order from `start` on, round the end.
  private var events: [Event] = []
  private var start = 0

  init(countMax: Int) {
    self.countMax = countMax
  }

  /// What follows `sequence`, at most `limit`; nil: not known here.
  func events(after sequence: UInt64, limit: Int) -> [Event]? {
    guard let first, sequence + 1 >= first, sequence < first + UInt64(events.count) else {
      return nil
    }
    let skipped = Int(sequence + 1 - first)
    let count = min(limit, events.count - skipped)
    // Nothing known behind it: the store may have more.
    guard count > 0 else { return nil }
    return (0..<count).map { events[(start + skipped + $0) % events.count] }
  }

  /// Takes what was read from the store, where it carries on from the end of what is here or lies ahead of it.
  mutating func append(_ page: [Event]) {
    for event in page {
      let end = first.map { $0 + UInt64(events.count) }
      if let end, event.sequence < end { continue }
      if end != event.sequence {
        events.removeAll(keepingCapacity: true)
        start = 0
      }
      if events.count < countMax {
        events.append(event)
      } else {
        events[start] = event
        start = (start + 1) % countMax
      }
    }
  }

  private var first: UInt64? { events.isEmpty ? nil : events[start].sequence }
}
