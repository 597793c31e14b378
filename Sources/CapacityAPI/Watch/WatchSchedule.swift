internal import Capacity

/// When the slots of a watch can change by time alone: the earliest first.
struct WatchSchedule {
  private struct Entry {
    var at: Instant
    var index: Int32
  }

  // A heap; an entry that is not what `times` says has been overtaken.
  private var heap: [Entry] = []
  private var times: [Instant]

  /// - Parameter count: of slots; none of them has a time yet.
  init(count: Int) {
    times = Array(repeating: .distantFuture, count: count)
  }

  /// The earliest time of all; nil: there is none.
  var next: Instant? {
    mutating get {
      while let first = heap.first {
        if times[Int(first.index)] == first.at { return first.at }
        removeFirst()
      }
      return nil
    }
  }

  /// Sets when the slot `index` changes next; nil: never.
  mutating func set(_ time: Instant?, of index: Int) {
    let time = time ?? .distantFuture
    guard times[index] != time else { return }
    times[index] = time
    guard time != .distantFuture else { return }
    // Overtaken entries are bounded, too.
    if heap.count > 2 * times.count + 64 {
      rebuild()
    } else {
      insert(Entry(at: time, index: Int32(index)))
    }
  }

  /// The slots whose time has come at `now`, ascending. They keep their times until they are set anew.
  mutating func due(at now: Instant) -> [Int] {
    var found: Set<Int> = []
    while let first = heap.first, first.at <= now {
      removeFirst()
      if times[Int(first.index)] == first.at { found.insert(Int(first.index)) }
    }
    for index in found { insert(Entry(at: times[index], index: Int32(index))) }
    return found.sorted()
  }

  private mutating func rebuild() {
    heap.removeAll(keepingCapacity: true)
    for (index, time) in times.enumerated() where time != .distantFuture {
      insert(Entry(at: time, index: Int32(index)))
    }
  }

  private mutating func insert(_ entry: Entry) {
    heap.append(entry)
    var child = heap.count - 1
    while child > 0 {
      let parent = (child - 1) / 2
      guard heap[child].at < heap[parent].at else { return }
      heap.swapAt(child, parent)
      child = parent
    }
  }

  private mutating func removeFirst() {
    heap.swapAt(0, heap.count - 1)
    heap.removeLast()
    var parent = 0
    while true {
      var least = parent
      for child in [2 * parent + 1, 2 * parent + 2]
      where child < heap.count && heap[child].at < heap[least].at { least = child }
      guard least != parent else { return }
      heap.swapAt(parent, least)
      parent = least
    }
  }
}
