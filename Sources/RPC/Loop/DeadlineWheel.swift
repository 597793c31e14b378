/// The deadlines of a loop's calls, in a wheel of ticks: setting and lifting one costs no more than an array access,
/// however many there are, and one timer of the loop serves all.
final class DeadlineWheel {
  /// What has a deadline.
  protocol Target: AnyObject {
    /// The deadline has passed.
    func expire()
  }

  /// A deadline that is set.
  final class Entry {
    fileprivate let tick: Int64
    fileprivate var index: Int
    fileprivate var target: (any Target)?

    fileprivate init(tick: Int64, index: Int, target: any Target) {
      (self.tick, self.index, self.target) = (tick, index, target)
    }
  }

  /// How late a deadline may be noticed, milliseconds, unless the wheel is made otherwise; it is never early.
  static let tickMilliseconds: Int64 = 5
  let tickMilliseconds: Int64
  /// A timer of the loop is set for the next tick. One is enough, however often the wheel is empty in between.
  var isTicking = false
  private static let slotCount = 512

  private var slots = [[Entry]](repeating: [], count: slotCount)
  private var current: Int64 = 0
  private(set) var count = 0

  var isEmpty: Bool { count == 0 }

  init(tickMilliseconds: Int64 = DeadlineWheel.tickMilliseconds) {
    self.tickMilliseconds = tickMilliseconds
  }

  /// Sets a deadline `nowMilliseconds` being the loop's monotonic clock.
  func set(_ target: any Target, atMilliseconds at: Int64, nowMilliseconds now: Int64) -> Entry {
    if isEmpty { current = now / tickMilliseconds }
    let tick = max(at / tickMilliseconds + 1, current + 1)
    let slot = slot(tick)
    let entry = Entry(tick: tick, index: slots[slot].count, target: target)
    slots[slot].append(entry)
    count += 1
    return entry
  }

  /// Lifts a deadline; once is enough, again does nothing.
  func lift(_ entry: Entry) {
    guard entry.target != nil else { return }
    entry.target = nil
    let slot = slot(entry.tick)
    let last = slots[slot].removeLast()
    if last !== entry {
      slots[slot][entry.index] = last
      last.index = entry.index
    }
    count -= 1
  }

  /// Expires what is due.
  func advance(toMilliseconds now: Int64) {
    let target = now / tickMilliseconds
    var due: [Entry] = []
    if target - current >= Int64(Self.slotCount) {
      due = slots.joined().filter { $0.tick <= target }
    } else {
      while current < target {
        current += 1
        due += slots[slot(current)].filter { $0.tick <= target }
      }
    }
    current = max(current, target)
    for entry in due {
      guard let expired = entry.target else { continue }
      lift(entry)
      expired.expire()
    }
  }

  private func slot(_ tick: Int64) -> Int {
    Int(tick % Int64(Self.slotCount))
  }
}
