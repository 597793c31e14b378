/// Where several lanes are written to at once, a batch may come to stand behind others in the log, and its numbers are others than
/// those that it was decided with.
extension WorkingSet {
  /// Takes over that `written`, which was committed here, stands in the log from `first` on; a batch that is open on top of it stands
  /// behind it as before.
  package mutating func move(_ written: inout ChangeSet, to first: UInt64) {
    let expected = written.firstSequence
    precondition(first >= expected, "the log has gone back")
    let places = first - expected
    guard places > 0 else { return }
    written.move(to: first)
    counters.move(by: places, from: expected)
    journal.counters?.move(by: places, from: expected)
    for index in journal.events.indices { journal.events[index].sequence += places }
    for key in written.changedPools ?? [] {
      guard let changedAt = pools[key]?.changedAt, changedAt >= expected else { continue }
      pools[key]?.changedAt = changedAt + places
    }
    for number in written.lanes {
      guard let start = lanes[number].sweep.position?.start, start >= expected else { continue }
      lanes[number].sweep.position?.start = start + places
    }
  }

  /// Takes over what others wrote in lanes of their own before a batch that was committed here.
  ///
  /// - Parameters:
  ///   - events: all that is in the log between what was known and that batch. They concern none of `ours`.
  ///   - state: the store's counters as that batch left them.
  ///   - ours: the lanes of that batch, and of the one that is open on top of it.
  /// - Returns: false where an event is of ours all the same, or does not say all that it changed: the store must be read anew then.
  package mutating func followOthers(
    _ events: [Event], _ state: StoreCounters, besides ours: LaneSet, zone: (String) -> Zone?
  ) -> Bool {
    for event in events {
      guard lanes(of: event).isDisjoint(with: ours), apply(event, zone) else { return false }
    }
    for number in allLanes.subtracting(ours) {
      follow(state.marks[number], of: number)
      journal.counters?.marks[number] = counters.marks[number]
    }
    counters.audit = state.audit
    journal.counters?.audit = state.audit
    counters.nextReservation = max(counters.nextReservation, state.nextReservation)
    if let known = journal.counters?.nextReservation {
      journal.counters?.nextReservation = max(known, state.nextReservation)
    }
    return true
  }
}
