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

  private struct Unwritten {
    var count: UInt64 = 0
    var since = Instant(microseconds: 0)
  }

  private struct State {
    var waiting: [AuditRecord] = []
    var buckets: AuditBuckets
    var unwritten: [AuditRecord.Kind: Unwritten] = [:]
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
    /// Denials.
    case denials
    /// What staff reads of people, or tried in vain.
    case staff
    /// What else staff reads.
    case looks
  }

  /// Has `record` written, or counted where there are too many.
  package func note(_ record: AuditRecord, from budget: Budget) {
    let isFirst = state.withLock { state in
      let isAllowed = state.buckets.take(from: budget, at: record.at)
      guard isAllowed, state.waiting.count < limits.waitingMax else {
        let isFirst = state.unwritten.isEmpty
        count(1, record.kind, record.at, &state)
        // Or the thread would sleep until something else is to be written.
        return isFirst
      }
      state.waiting.append(record)
      return state.waiting.count == 1
    }
    if isFirst { feed.nudge() }
  }

  private func count(
    _ number: UInt64, _ kind: AuditRecord.Kind, _ at: Instant, _ state: inout State
  ) {
    if state.unwritten[kind] == nil { state.unwritten[kind] = Unwritten(since: at) }
    state.unwritten[kind]?.count += number
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
      if isTimeToCount(now, state) {
        state.countedAt = now
        for (kind, unwritten) in state.unwritten.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
          records.append(Self.record(of: unwritten, kind, at: now))
        }
        state.unwritten.removeAll()
      }
      return records.isEmpty ? nil : records
    }
  }

  private func isTimeToCount(_ now: Instant, _ state: borrowing State) -> Bool {
    let pause = Int64(limits.countEverySeconds * 1_000_000)
    return !state.unwritten.isEmpty
      && (now >= state.countedAt + Interval(microseconds: pause) || now < state.countedAt)
  }

  private static func record(
    of unwritten: Unwritten, _ kind: AuditRecord.Kind, at now: Instant
  ) -> AuditRecord {
    AuditRecord(
      .notWritten, at: now, AuditRecord.Source(actor: "cupo", method: ""),
      subject: kind.rawValue,
      reason: "too many at once, since \(unwritten.since.seconds) s after 1970",
      count: unwritten.count)
  }

  /// `records` were not written: they are next, as far as there is room.
  func putBack(_ records: [AuditRecord]) {
    let now = clock()
    state.withLock { state in
      state.notBefore = now + Interval(microseconds: Self.retryMicroseconds)
      for record in records where record.kind == .notWritten {
        let kind = AuditRecord.Kind(rawValue: record.subject) ?? .denied
        count(record.count, kind, record.at, &state)
      }
      let room = limits.waitingMax - state.waiting.count
      let rest = records.filter { $0.kind != .notWritten }
      for record in rest.dropFirst(max(0, room)) { count(1, record.kind, record.at, &state) }
      state.waiting.insert(contentsOf: rest.prefix(max(0, room)), at: 0)
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
