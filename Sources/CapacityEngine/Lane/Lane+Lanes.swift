import Capacity

/// Which of a store's lanes a batch is of.
///
/// A node has one memory and one thread that decides, whatever the number of lanes: they are what nodes lock, so that those who serve
/// different sellers do not wait for each other. On lanes where nobody else is met a batch is of all of them; on those where somebody
/// was, each has batches of its own.
extension Lane {
  /// What is due in a lane in which another node wrote last is left to that one for so long.
  static let othersFirstFor = Interval(microseconds: 250_000)

  /// `work`, divided into batches.
  func portions(of work: [Work]) -> [[Work]] {
    guard set.lanesCount > 1, work.count > 1, !shared.isAlone(in: set.allLanes) else {
      return [work]
    }
    // One copy of the set for all: it has many tables.
    let set = set
    var quiet: [Work] = []
    var busy: [(lanes: LaneSet, work: [Work])] = []
    for item in work {
      let lanes = item.lanes(in: set)
      if shared.isAlone(in: lanes) {
        quiet.append(item)
      } else if let index = busy.firstIndex(where: { $0.lanes == lanes }) {
        busy[index].work.append(item)
      } else {
        busy.append((lanes, [item]))
      }
    }
    return (quiet.isEmpty ? [] : [quiet]) + busy.map(\.work)
  }

  /// The lanes that `commands` are decided in, as far as memory knows.
  func lanes(of commands: [Item]) -> LaneSet {
    guard set.lanesCount > 1 else { return commands.isEmpty ? LaneSet() : set.allLanes }
    let set = set
    return commands.reduce(LaneSet()) { $0.union(set.lanes(of: $1.command)) }
  }

  /// The same with those in which something is due. Who is refused is refused in some lane: it is the lanes that keep the instant.
  func lanesToDecide(_ commands: [Item]) -> LaneSet {
    let lanes = lanes(of: commands).union(lanesDue(at: storeClock.now()))
    return lanes.isEmpty ? LaneSet(0) : lanes
  }

  /// The lanes that a unit of work has for itself.
  func lanes(of access: StorageAccess) -> LaneSet {
    guard case .writing(let lanes, _) = access else { return LaneSet() }
    return lanes.intersection(set.allLanes)
  }

  /// Those in which it is on this node to write down what is due at `now`, and those whose rows hold up the log's beginning.
  func lanesDue(at now: Instant) -> LaneSet {
    let late = set.sweepLimits.eventsMax
    // Of another's lane only once that one seems not to see to it.
    let swept = set.lanesBehind(by: late).intersection(shared.ours)
      .union(set.lanesBehind(by: 2 * late))
    return set.allLanes.reduce(swept) { lanes, lane in
      guard let next = nextWriting(in: lane), next <= now else { return lanes }
      return lanes.union(LaneSet(lane))
    }
  }

  /// When it next is on this node to write down what is due; nil: never.
  func nextWriting() -> Instant? {
    set.allLanes.lazy.compactMap { self.nextWriting(in: $0) }.min()
  }

  private func nextWriting(in lane: Int) -> Instant? {
    guard let next = set.nextExpiry(in: LaneSet(lane)) else { return nil }
    return set.lanesCount == 1 || shared.ours.contains(lane) ? next : next + Self.othersFirstFor
  }
}

extension Work {
  fileprivate func lanes(in set: WorkingSet) -> LaneSet {
    switch self {
    case .command(let command, _, _): set.lanes(of: command)
    case .commands(let commands, _, _):
      commands.reduce(LaneSet()) { $0.union(set.lanes(of: $1)) }
    case .read, .lookUp, .list: LaneSet()
    }
  }
}
