/// Where lanes are written to side by side, a batch is numbered anew when it is appended to the log: others may have come between what
/// it knew and itself.
extension ChangeSet {
  /// As it is behind all that a store with the counters `state` has; its lanes are as it knew them.
  package func placed(behind state: StoreCounters) -> ChangeSet {
    guard state.marks.count > 1 else { return self }
    var placed = self
    placed.move(to: max(firstSequence, state.nextSequence))
    for lane in state.allLanes.subtracting(lanes) {
      placed.counters.marks[lane] = state.marks[lane]
    }
    // Who swept it meanwhile has promised more.
    for lane in lanes {
      let written = placed.counters.marks[lane].poolsWrittenTo
      placed.counters.marks[lane].poolsWrittenTo = max(written, state.marks[lane].poolsWrittenTo)
    }
    placed.counters.nextReservation = max(counters.nextReservation, state.nextReservation)
    if audit.isEmpty, auditEnds.isEmpty { placed.counters.audit = state.audit }
    return placed
  }

  /// Numbers its events from `first` on.
  mutating func move(to first: UInt64) {
    let expected = firstSequence
    let places = first - expected
    guard places > 0 else { return }
    counters.move(by: places, from: expected)
    for index in events.indices { events[index].sequence += places }
  }
}

extension StoreCounters {
  /// Moves all that is numbered `first` or higher by so many places.
  mutating func move(by places: UInt64, from first: UInt64) {
    nextSequence += places
    for lane in marks.indices {
      if marks[lane].lastSequence >= first { marks[lane].lastSequence += places }
      if marks[lane].poolsWrittenTo >= first { marks[lane].poolsWrittenTo += places }
    }
  }
}

extension StoreCounters {
  /// Whether the lanes of `changes`, which were decided on what was `known`, are still as they were then.
  package func isFollowed(by changes: ChangeSet, after known: StoreCounters) -> Bool {
    guard marks.count == known.marks.count else { return false }
    return changes.lanes.allSatisfy { lane in
      marks[lane].lastSequence == known.marks[lane].lastSequence
        && marks[lane].lastDecision <= changes.counters.marks[lane].lastDecision
    }
  }
}
