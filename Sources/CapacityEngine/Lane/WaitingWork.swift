/// What waits for the lane, in the order in which it came; what goes ahead apart from the rest.
///
/// A value without a clock. Taking a batch costs what is in the batch, however much stays behind.
struct WaitingWork {
  /// Beyond any clock: of work whose caller does not say how long it waits.
  static let never = Int64.max

  private var normal: [Work] = []
  // When the caller of each stops waiting.
  private var deadlines: [Int64] = []
  // The first that is still here.
  private var first = 0
  // What goes ahead, and how much of the rest it came behind.
  private var urgent: [(work: Work, behind: Int)] = []
  private var earliest = WaitingWork.never

  var normalCount: Int { normal.count - first }
  var urgentCount: Int { urgent.count }
  var isEmpty: Bool { normalCount == 0 && urgent.isEmpty }

  mutating func append(_ work: Work, deadline: Int64) {
    if work.isUrgent { return urgent.append((work, normal.count)) }
    normal.append(work)
    deadlines.append(deadline)
    earliest = min(earliest, deadline)
  }

  /// Moves at most some `limit` pieces to `batch`, which must be empty, and to `late` those whose callers have stopped waiting. What
  /// goes ahead is never late.
  mutating func take(_ limit: Int, at now: Int64, into batch: inout [Work], late: inout [Work]) {
    if earliest > now, first == 0, urgent.isEmpty, normal.count <= limit {
      swap(&batch, &normal)
      return forget()
    }
    let ahead = min(urgent.count, limit)
    let isAll = normalCount + urgent.count <= limit
    // However much goes ahead, the rest is not kept for ever.
    let most = isAll ? limit : ahead + max(limit - ahead, limit / 8)
    // In the order in which all came where all of it goes; else what goes ahead does so.
    var nextUrgent = isAll ? 0 : ahead
    batch += urgent[..<nextUrgent].lazy.map(\.work)
    while first < normal.count, batch.count < most {
      while nextUrgent < ahead, urgent[nextUrgent].behind <= first {
        batch.append(urgent[nextUrgent].work)
        nextUrgent += 1
      }
      if deadlines[first] <= now { late.append(normal[first]) } else { batch.append(normal[first]) }
      first += 1
    }
    batch += urgent[nextUrgent..<ahead].lazy.map(\.work)
    urgent.removeFirst(ahead)
    compact()
  }

  private mutating func compact() {
    guard first < normal.count else {
      normal.removeAll(keepingCapacity: true)
      return forget()
    }
    guard first > 1_024, first * 2 > normal.count else { return }
    normal.removeFirst(first)
    deadlines.removeFirst(first)
    for index in urgent.indices { urgent[index].behind = max(0, urgent[index].behind - first) }
    first = 0
  }

  private mutating func forget() {
    deadlines.removeAll(keepingCapacity: true)
    for index in urgent.indices { urgent[index].behind = 0 }
    first = 0
    earliest = Self.never
  }
}
