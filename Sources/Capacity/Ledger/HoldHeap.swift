/// Holds in the order in which they run out. Holds that ended otherwise stay until they surface or are swept: whoever reads says
/// which are still alive.
///
/// A sweep is done in steps, one with each change. Of ten million holds none may make a caller wait for all the others.
struct HoldHeap {
  struct Entry: Hashable, Sendable {
    var expiresAt: Instant
    var number: UInt64

    func precedes(_ other: Entry) -> Bool {
      (expiresAt, number) < (other.expiresAt, other.number)
    }
  }

  /// Entries that one change moves at most while a sweep is under way.
  private static let step = 2
  /// So many more dead than living ones are not worth a sweep.
  private static let deadMin = 128

  private var heap = EntryHeap()
  // What a sweep has not looked at yet. It is emptied from its end, so what is left stays a heap.
  private var unswept = EntryHeap()
  // Entries said to be dead since the last sweep began, and still here as far as is known.
  private var dead = 0

  var count: Int { heap.count + unswept.count }

  mutating func insert(_ entry: Entry, isAlive: (Entry) -> Bool) {
    heap.insert(entry)
    sweep(isAlive)
  }

  /// Says that an entry ended before its time. Where none did, nothing is lost but the time of a sweep.
  mutating func noteDead(isAlive: (Entry) -> Bool) {
    dead += 1
    sweep(isAlive)
  }

  /// The first living entry; dead ones before it are dropped.
  mutating func first(isAlive: (Entry) -> Bool) -> Entry? {
    dead = max(0, dead - heap.dropFirst(while: { !isAlive($0) }))
    guard !unswept.isEmpty else { return heap.first }
    dead = max(0, dead - unswept.dropFirst(while: { !isAlive($0) }))
    guard let one = heap.first, let other = unswept.first else {
      return heap.first ?? unswept.first
    }
    return one.precedes(other) ? one : other
  }

  // Memory follows what is held: a sweep begins when more are dead than alive.
  private mutating func sweep(_ isAlive: (Entry) -> Bool) {
    if unswept.isEmpty {
      guard dead * 2 > count + Self.deadMin else { return }
      swap(&heap, &unswept)
      dead = 0
    }
    for _ in 0..<Self.step {
      guard let entry = unswept.popLast() else { break }
      if isAlive(entry) { heap.insert(entry) }
    }
    if unswept.isEmpty { unswept = EntryHeap() }
  }
}

/// A binary heap of entries, the first to run out at its top.
private struct EntryHeap {
  private var entries: [HoldHeap.Entry] = []

  var count: Int { entries.count }
  var isEmpty: Bool { entries.isEmpty }
  var first: HoldHeap.Entry? { entries.first }

  mutating func insert(_ entry: HoldHeap.Entry) {
    entries.append(entry)
    siftUp(entries.count - 1)
  }

  /// Any entry, which leaves the others in their order.
  mutating func popLast() -> HoldHeap.Entry? { entries.popLast() }

  /// Drops those from the top that are `dropped`.
  /// - Returns: how many they were.
  mutating func dropFirst(while dropped: (HoldHeap.Entry) -> Bool) -> Int {
    let before = count
    while let first, dropped(first) { removeFirst() }
    return before - count
  }

  private mutating func removeFirst() {
    guard let last = entries.popLast(), !entries.isEmpty else { return }
    entries[0] = last
    siftDown(0)
  }

  private mutating func siftUp(_ start: Int) {
    var child = start
    while child > 0 {
      let parent = (child - 1) / 2
      guard entries[child].precedes(entries[parent]) else { return }
      entries.swapAt(child, parent)
      child = parent
    }
  }

  private mutating func siftDown(_ start: Int) {
    var parent = start
    while true {
      var smallest = parent
      for child in [2 * parent + 1, 2 * parent + 2]
      where child < entries.count && entries[child].precedes(entries[smallest]) {
        smallest = child
      }
      guard smallest != parent else { return }
      entries.swapAt(parent, smallest)
      parent = smallest
    }
  }
}
