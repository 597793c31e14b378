package import Capacity

/// A store that was put back to an older state, while the world remembers what came after it.
///
/// Reservation ids, resume tokens and event numbers were given out since that are not in it. None of them may ever mean
/// something else: so numbers go on far behind the last one that can have been given out, and the log has an entry that says
/// which events are undone. Whoever reads the log from a token of the undone time comes upon that entry first; watchers of
/// availability are told to take a new snapshot.
package enum PutBackStore {
  /// How many reservations may have been made since the older state, beyond those that are known: 2^30. There are codes for
  /// 2^40.
  package static let reservationsSkipped: UInt64 = 1 << 30
  /// How many events may have been written since: 2^40.
  package static let eventsSkipped: UInt64 = 1 << 40

  /// What is to be written before the store is served.
  ///
  /// - Parameters:
  ///   - counters: of the older state.
  ///   - newer: of the store that it replaces, where that can be read.
  ///   - reason: for the log and the audit log.
  ///   - command: what does it, for the audit log.
  package static func changes(
    from counters: StoreCounters, replacing newer: StoreCounters?, at now: Instant, actor: String,
    reason: String, command: String = "cupo restore"
  ) throws(StorageError) -> ChangeSet {
    let last = counters.nextSequence - 1
    let sequence = max(counters.nextSequence, newer?.nextSequence ?? 0) + eventsSkipped
    // Not the decision clock of what is replaced: that it ran ahead may be why it is.
    let instant = max(now, counters.lastDecision)
    // What nobody is behind with now, nobody is behind with then.
    let isWritten = counters.poolsWrittenTo == last
    let next = StoreCounters(
      nextReservation: max(counters.nextReservation, newer?.nextReservation ?? 0)
        + reservationsSkipped,
      nextSequence: sequence + 1, lastDecision: instant,
      poolsWrittenTo: isWritten ? sequence : counters.poolsWrittenTo, audit: counters.audit,
      lanes: counters.marks.count)
    let event = Event(
      sequence: sequence, kind: .repaired, at: instant,
      subject: .gap(LogGap(after: last, before: sequence)), movements: [], actor: actor,
      reason: reason)
    var changes = ChangeSet(counters: next, events: [event])
    try changes.seal(
      AuditRecord(
        .repaired, at: instant, AuditRecord.Source(actor: actor, method: command),
        reason: reason))
    return changes
  }
}
