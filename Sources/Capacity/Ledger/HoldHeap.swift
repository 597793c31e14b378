/// Holds in the order in which they run out. Holds that ended otherwise stay until they surface or until a sweep:
/// whoever reads says which are still alive.
struct HoldHeap {
  struct Entry: Hashable, Sendable {
    var expiresAt: Instant
    var number: UInt64
  }

  private var entries: [Entry] = []
  private var sweepAt = 1024

  var count: Int { entries.count }

  mutating func insert(_ entry: Entry, isAlive: (Entry) -> Bool) {
    if entries.count >= sweepAt { sweep(isAlive) }
    entries.append(entry)
    siftUp(entries.count - 1)
  }

  /// The first living entry; dead ones before it are dropped.
  mutating func first(isAlive: (Entry) -> Bool) -> Entry? {
    while let top = entries.first {
      if isAlive(top) { return top }
      removeFirst()
    }
    return nil
  }

  mutating func removeFirst() {
    guard let last = entries.popLast(), !entries.isEmpty else { return }
    entries[0] = last
    siftDown(0)
  }

  // Dead entries are at most as many as living ones, plus a thousand: memory follows what is held.
  private mutating func sweep(_ isAlive: (Entry) -> Bool) {
    entries.removeAll { !isAlive($0) }
    for index in (0..<entries.count / 2).reversed() { siftDown(index) }
    sweepAt = entries.count * 2 + 1024
  }

  private static func precedes(_ left: Entry, _ right: Entry) -> Bool {
    (left.expiresAt, left.number) < (right.expiresAt, right.number)
  }

  private mutating func siftUp(_ start: Int) {
    var child = start
    while child > 0 {
      let parent = (child - 1) / 2
      guard HoldHeap.precedes(entries[child], entries[parent]) else { return }
      entries.swapAt(child, parent)
      child = parent
    }
  }

  private mutating func siftDown(_ start: Int) {
    var parent = start
    while true {
      var smallest = parent
      for child in [2 * parent + 1, 2 * parent + 2]
      where child < entries.count && HoldHeap.precedes(entries[child], entries[smallest]) {
        smallest = child
      }
      guard smallest != parent else { return }
      entries.swapAt(parent, smallest)
      parent = smallest
    }
  }
}
