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

  /// How much there is of what does not go ahead; see `Work.size`.
  private(set) var normalSize = 0
  var urgentCount: Int { urgent.count }
  var isEmpty: Bool { first == normal.count && urgent.isEmpty }

  mutating func append(_ work: Work, deadline: Int64) {
    if work.isUrgent { return urgent.append((work, normal.count)) }
    normal.append(work)
    normalSize += work.size
    deadlines.append(deadline)
    earliest = min(earliest, deadline)
  }

  /// Moves work of at most some `limit` in size to `batch`, which must be empty, and to `late` what is of callers that have stopped
  /// waiting. What goes ahead is never late.
  /// - Returns: the size of the batch.
  mutating func take(
    _ limit: Int, at now: Int64, into batch: inout [Work], late: inout [Work]
  ) -> Int {
    if earliest > now, first == 0, urgent.isEmpty, normalSize <= limit {
      swap(&batch, &normal)
      defer { forget() }
      return normalSize
    }
    let ahead = min(urgent.count, limit)
    let isAll = normalSize + urgent.count <= limit
    // However much goes ahead, the rest is not kept for ever.
    let most = isAll ? limit : ahead + max(limit - ahead, limit / 8)
    // In the order in which all came where all of it goes; else what goes ahead does so.
    var nextUrgent = isAll ? 0 : ahead
    batch += urgent[..<nextUrgent].lazy.map(\.work)
    var size = batch.count
    // One that is larger than a batch is one by itself.
    while first < normal.count, size < most {
      while nextUrgent < ahead, urgent[nextUrgent].behind <= first {
        batch.append(urgent[nextUrgent].work)
        nextUrgent += 1
        size += 1
      }
      let work = normal[first]
      normalSize -= work.size
      if deadlines[first] <= now {
        late.append(work)
      } else {
        batch.append(work)
        size += work.size
      }
      first += 1
    }
    size += ahead - nextUrgent
    batch += urgent[nextUrgent..<ahead].lazy.map(\.work)
    urgent.removeFirst(ahead)
    compact()
    return size
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
    normalSize = 0
    earliest = Self.never
  }
}
