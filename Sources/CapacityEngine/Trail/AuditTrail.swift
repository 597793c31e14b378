// The audit trail is the audit log as a server sees it: what no lane decides is noted here and written beside the lanes, and
// everything is read from here.
//
// It is not for what a command changes: that goes with the command, into the transaction of the change.
//
// Before changing it, know this: whoever is turned away decides how often this is called. A note costs a lock and, beyond the
// limits, a number; it never waits, and what it keeps is bounded.

package import Capacity
internal import Synchronization

/// What is noted for the audit log, and who reads it.
package final class AuditTrail: Sendable {
  /// Entries in one page at most.
  package static let pageMax = 500
  /// Who may wait for a page, and who may follow the log, at most.
  package static let readersMax = 256
  /// A store that fails is tried again after this long.
  private static let retryMicroseconds: Int64 = 1_000_000

  struct Request: Sendable {
    /// The last entry of each chain that the reader has.
    var positions: [AuditChain: UInt64]
    var limit: Int
    var answer: @Sendable (Result<AuditPage, EngineError>) -> Void
  }

  private struct State {
    var waiting: [AuditRecord] = []
    // Of these, those of callers whom nobody knows.
    var strangersWaiting = 0
    var buckets: AuditBuckets
    var unwritten = UnwrittenCounts()
    // What the records that were taken last say of it.
    var told = UnwrittenCounts()
    var countedAt = Instant.distantPast
    var notBefore = Instant.distantPast
    var requests: [Request] = []
    var followers = 0
    var isClosed = false
    var isStopped = false
  }

  private let limits: AuditLimits
  private let clock: @Sendable () -> Instant
  // The thread that writes waits there.
  private let feed: EventFeed
  private let state: Mutex<State>

  init(_ feed: EventFeed, _ limits: AuditLimits, clock: @escaping @Sendable () -> Instant) {
    self.feed = feed
    self.limits = limits
    self.clock = clock
    state = Mutex(State(buckets: AuditBuckets(limits, at: clock())))
  }

  /// The time that records are to carry.
  package func now() -> Instant { clock() }

  /// What an entry is counted against.
  package enum Budget: CaseIterable, Sendable {
    /// Denials of callers whom somebody vouches for.
    case denials
    /// Denials of callers whom nobody knows.
    case strangers
    /// What staff reads of people, or tried in vain.
    case staff
    /// What else staff reads.
    case looks
  }

  /// Has `record` written, or counted where there are too many.
  package func note(_ record: AuditRecord, from budget: Budget) {
    let isFirst = state.withLock { state in
      let isAllowed = state.buckets.take(from: budget, at: record.at)
      guard isAllowed, hasRoom(for: record, behind: state.waiting.count, state) else {
        let isFirst = state.unwritten.isEmpty
        state.unwritten.add(record)
        // Or the thread would sleep until something else is to be written.
        return isFirst
      }
      state.waiting.append(record)
      if record.isOfStranger { state.strangersWaiting += 1 }
      return state.waiting.count == 1
    }
    if isFirst { feed.nudge() }
  }

  // A store that fails for long must not find strangers' records only.
  private func hasRoom(
    for record: AuditRecord, behind count: Int, _ state: borrowing State
  ) -> Bool {
    count < limits.waitingMax
      && (!record.isOfStranger || state.strangersWaiting < limits.strangersWaitingMax)
  }

  // MARK: Reading

  /// What follows `positions`, at most `limit` entries.
  package func page(
    after positions: [AuditChain: UInt64], limit: Int
  ) async throws(EngineError) -> AuditPage {
    try await withCheckedContinuation { continuation in
      let request = Request(positions: positions, limit: min(limit, Self.pageMax)) {
        continuation.resume(returning: $0)
      }
      let error: EngineError? = state.withLock { state in
        guard !state.isStopped else { return .stopping }
        guard state.requests.count < Self.readersMax else { return .overloaded }
        state.requests.append(request)
        return nil
      }
      if let error { request.answer(.failure(error)) } else { feed.nudge() }
    }.get()
  }

  /// The last entry of each chain, as it is now.
  package func ends() async throws(EngineError) -> [AuditChain: UInt64] {
    try await page(after: [:], limit: 0).ends
  }

  /// Counts one who follows the log; it says so when it ends.
  package func enter() throws(EngineError) {
    let error: EngineError? = state.withLock { state in
      guard !state.isClosed else { return .stopping }
      guard state.followers < Self.readersMax else { return .overloaded }
      state.followers += 1
      return nil
    }
    if let error { throw error }
  }

  package func leave() {
    state.withLock { $0.followers -= 1 }
  }

  /// Whether those who follow are to end.
  package var isClosed: Bool { state.withLock { $0.isClosed } }

  func close() {
    state.withLock { $0.isClosed = true }
  }

  // MARK: The thread's side

  /// What is to be written now, with an entry for what was not; nil: nothing.
  func take() -> [AuditRecord]? {
    let now = clock()
    return state.withLock { state in
      guard now >= state.notBefore else { return nil }
      var records = state.waiting
      state.waiting.removeAll(keepingCapacity: true)
      state.strangersWaiting = 0
      state.told = UnwrittenCounts()
      if isTimeToCount(now, state) {
        state.countedAt = now
        swap(&state.told, &state.unwritten)
        records += state.told.records(at: now)
      }
      return records.isEmpty ? nil : records
    }
  }

  private func isTimeToCount(_ now: Instant, _ state: borrowing State) -> Bool {
    let pause = Int64(limits.countEverySeconds * 1_000_000)
    return !state.unwritten.isEmpty
      && (now >= state.countedAt + Interval(microseconds: pause) || now < state.countedAt)
  }

  /// `records`, which were taken last, were not written: they are next, as far as there is room.
  func putBack(_ records: [AuditRecord]) {
    let now = clock()
    state.withLock { state in
      state.notBefore = now + Interval(microseconds: Self.retryMicroseconds)
      state.unwritten.add(state.told)
      state.told = UnwrittenCounts()
      var kept: [AuditRecord] = []
      for record in records where record.kind != .notWritten {
        guard hasRoom(for: record, behind: state.waiting.count + kept.count, state) else {
          state.unwritten.add(record)
          continue
        }
        if record.isOfStranger { state.strangersWaiting += 1 }
        kept.append(record)
      }
      state.waiting.insert(contentsOf: kept, at: 0)
    }
  }

  func takeRequests() -> [Request] {
    state.withLock { state in
      defer { state.requests.removeAll() }
      return state.requests
    }
  }

  /// How long the thread may wait before it looks here again.
  func patienceSeconds() -> Double {
    let now = clock()
    return state.withLock { state in
      guard !state.waiting.isEmpty || !state.unwritten.isEmpty else { return .infinity }
      let isTime = !state.waiting.isEmpty || isTimeToCount(now, state)
      // So often it looks while it has something to wait for.
      return isTime && now >= state.notBefore ? 0 : 0.5
    }
  }

  /// The thread has ended: nobody answers any more.
  func stop() {
    let requests = state.withLock { state in
      state.isStopped = true
      defer { state.requests.removeAll() }
      return state.requests
    }
    for request in requests { request.answer(.failure(.stopping)) }
  }
}
