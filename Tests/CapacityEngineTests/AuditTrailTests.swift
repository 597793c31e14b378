import Capacity
import Logging
import Testing

@testable import CapacityEngine
@testable import MemoryStorage

/// What is noted beside the lanes: that it is written, and that nobody fills the disk or the memory with it.
@Suite("The audit trail")
struct AuditTrailTests {
  private let clock = ManualClock()
  private let store = MemoryStore(identity: StoreIdentity(namingKey: 7))
  private let faults = Faults()

  private func denial(_ number: Int) -> AuditRecord {
    AuditRecord(
      .denied, at: clock.now,
      AuditRecord.Source(actor: "mallory", method: "/x/Y", requestID: "\(number)"),
      outcome: "ROLE_NOT_ALLOWED")
  }

  private func stranger(_ number: Int) -> AuditRecord {
    AuditRecord(
      .denied, at: clock.now,
      AuditRecord.Source(actor: "", peer: "1.2.3.4:5", method: "/x/Y", requestID: "\(number)"),
      outcome: "TOKEN_MISSING")
  }

  private func limits(_ burst: Int, perSecond: Int = 1, waiting: Int = 4_096) -> AuditLimits {
    var limits = AuditLimits()
    limits.denials = RateLimit(perSecond: perSecond, burst: burst)
    limits.strangers = limits.denials
    limits.waitingMax = waiting
    return limits
  }

  /// A trail with its writer, of which this thread is the one.
  private func trail(
    _ limits: AuditLimits, _ feed: EventFeed = EventFeed(position: 0)
  ) -> (AuditTrail, LogThread) {
    let trail = AuditTrail(feed, limits, clock: { [clock] in clock.now })
    let (store, owner, faults, clock) = (store, owner, faults, clock)
    let log = LogThread(
      feed, trail, { MemoryEventLog(store, owner: owner, faults) }, EventRetention(),
      { clock.now }, Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
    return (trail, log)
  }

  private let storage: MemoryStorage
  private let owner: UInt64 = 1

  init() throws {
    storage = try MemoryStorage(store)
  }

  private func records() throws -> [AuditRecord] {
    try storage.auditEntries(of: .system(0), after: 0, limit: 100_000).map {
      try AuditSeal.record(of: $0)
    }
  }

  @Test func aDenialIsWritten() throws {
    let (trail, log) = trail(limits(10))
    trail.note(denial(1), from: .denials)
    log.serveAudit()
    #expect(try records() == [denial(1)])
    #expect(try AuditVerification.run(storage).findings.isEmpty)
  }

  @Test func aFloodIsCountedAndToldOf() throws {
    let (trail, log) = trail(limits(10))
    for number in 0..<100_000 { trail.note(denial(number), from: .denials) }
    log.serveAudit()
    // The first ones, and how many were not written.
    let kinds = try records().map(\.kind)
    #expect(kinds.count == 11 && kinds.prefix(10).allSatisfy { $0 == .denied })
    #expect(kinds.last == .notWritten)
    #expect(try records().last?.count == 99_990)
    #expect(try records().last?.subject == "DENIED")
    // Who goes on gets one entry a second, and every ten seconds one that counts the rest.
    for _ in 0..<60 {
      clock.advance(1)
      for number in 0..<1_000 { trail.note(denial(number), from: .denials) }
      log.serveAudit()
    }
    clock.advance(10)
    log.serveAudit()
    let all = try records()
    #expect(all.filter { $0.kind == .denied }.count == 70)
    let counts = all.filter { $0.kind == .notWritten }
    #expect(counts.count <= 8)
    let sum: UInt64 = counts.reduce(0) { $0 + $1.count }
    #expect(sum == 159_930)
    #expect(try AuditVerification.run(storage).findings.isEmpty)
  }

  @Test func strangersAreSampledApartFromThoseWhoAreKnown() throws {
    let (trail, log) = trail(limits(10))
    for number in 0..<100_000 { trail.note(stranger(number), from: .strangers) }
    for number in 0..<12 { trail.note(denial(number), from: .denials) }
    log.serveAudit()
    let all = try records()
    let denied = all.filter { $0.kind == .denied }
    #expect(denied.prefix(10).allSatisfy { $0.source.actor.isEmpty })
    #expect(denied.dropFirst(10) == (0..<10).map(denial)[...])
    // Each counted apart: how many of the known are missing is not lost in the flood.
    let counts = all.filter { $0.kind == .notWritten }
    #expect(counts.map(\.subject) == ["DENIED", "DENIED"])
    #expect(counts.map(\.outcome) == ["OK", AuditTrail.strangersOutcome])
    #expect(counts.map(\.count) == [2, 99_990])
  }

  @Test func strangersDoNotTakeThePlacesOfOthersWhileTheStoreFails() throws {
    let (trail, log) = trail(limits(1_000, waiting: 20))
    for number in 0..<4 { trail.note(stranger(number), from: .strangers) }
    faults.arm(.fail(StorageError(.unavailable, "down")), at: .commit)
    log.serveAudit()
    for number in 4..<500 { trail.note(stranger(number), from: .strangers) }
    for number in 0..<20 { trail.note(denial(number), from: .denials) }
    clock.advance(2)
    log.serveAudit()
    let all = try records()
    let written = all.filter { $0.kind == .denied && $0.source.actor.isEmpty }
    #expect(written.map(\.source.requestID) == (0..<5).map { "\($0)" })
    #expect(all.filter { $0.source.actor == "mallory" }.count == 15)
    #expect(all.filter { $0.kind == .notWritten }.map(\.count) == [5, 495])
  }

  @Test func whatWasCountedInVainIsCountedAgain() throws {
    let (trail, log) = trail(limits(1))
    for number in 0..<10 { trail.note(denial(number), from: .denials) }
    for number in 0..<10 { trail.note(stranger(number), from: .strangers) }
    faults.arm(.fail(StorageError(.unavailable, "down")), at: .commit)
    log.serveAudit()
    for number in 10..<15 { trail.note(stranger(number), from: .strangers) }
    #expect(try records().isEmpty)
    clock.advance(20)
    log.serveAudit()
    let counts = try records().filter { $0.kind == .notWritten }
    #expect(counts.map(\.count) == [9, 14])
    #expect(counts.map(\.outcome) == ["OK", AuditTrail.strangersOutcome])
    // And once only.
    clock.advance(20)
    log.serveAudit()
    #expect(try records().filter { $0.kind == .notWritten }.count == 2)
  }

  /// It sleeps as long as there is nothing to write: what is the first to be written or counted ends that.
  @Test(.timeLimit(.minutes(5)))
  func theThreadIsWokenByTheFirstThatIsWrittenAndTheFirstThatIsNot() throws {
    let feed = EventFeed(position: 0)
    let (trail, log) = trail(limits(2), feed)
    func isWoken() -> Bool {
      let start = ContinuousClock.now
      _ = feed.take(waitingAtMost: 5)
      return ContinuousClock.now - start < .seconds(4)
    }
    #expect(trail.patienceSeconds() == .infinity)
    trail.note(denial(0), from: .denials)
    #expect(isWoken())
    // The next one comes along.
    trail.note(denial(1), from: .denials)
    log.serveAudit()
    #expect(trail.patienceSeconds() == .infinity)
    trail.note(denial(2), from: .denials)
    #expect(isWoken())
    log.serveAudit()
    #expect(try records().map(\.kind) == [.denied, .denied, .notWritten])
  }

  @Test func whoIsTurnedAwayDoesNotKeepStaffFromBeingWritten() throws {
    let (trail, log) = trail(limits(1))
    for number in 0..<100 { trail.note(denial(number), from: .denials) }
    trail.note(
      AuditRecord(.staffActed, at: clock.now, AuditRecord.Source(actor: "sue", method: "/x/Get")),
      from: .staff)
    log.serveAudit()
    #expect(try records().map(\.kind) == [.denied, .staffActed, .notWritten])
  }

  @Test func memoryIsBoundedWhileTheStoreFails() throws {
    let (trail, log) = trail(limits(1_000, waiting: 20))
    for number in 0..<15 { trail.note(denial(number), from: .denials) }
    faults.arm(.fail(StorageError(.unavailable, "down")), at: .commit)
    log.serveAudit()
    #expect(try records().isEmpty)
    // Not at once again, whoever asks.
    for number in 15..<500 { trail.note(denial(number), from: .denials) }
    #expect(trail.take() == nil)
    clock.advance(2)
    log.serveAudit()
    let all = try records()
    #expect(all.filter { $0.kind == .denied }.count == 20)
    let numbers = all.prefix(20).map(\.source.requestID)
    #expect(numbers == (0..<20).map { "\($0)" })
    #expect(all.last?.kind == .notWritten && all.last?.count == 480)
  }

  @Test func pagesMergeTheChains() async throws {
    let (trail, log) = trail(limits(1_000))
    for number in 0..<3 {
      trail.note(denial(number), from: .denials)
      log.serveAudit()
      clock.advance(1)
      var changes = ChangeSet(counters: try storage.counters())
      try changes.seal(
        AuditRecord(.repaired, at: clock.now, AuditRecord.Source(actor: "op", method: "cupo")))
      try storage.begin(reading: RecordNames()).commit(changes)
      clock.advance(1)
    }
    let whole = try AuditPage(
      of: storage, .init(positions: [:], limit: 10, answer: { _ in }))
    #expect(whole.entries.count == 6 && !whole.isMore)
    #expect(whole.entries.map(\.at) == whole.entries.map(\.at).sorted())
    #expect(
      whole.entries.map(\.chain) == [.system(0), .lane, .system(0), .lane, .system(0), .lane])
    // Page by page it is the same, from wherever one stands.
    var positions: [AuditChain: UInt64] = [:]
    var all: [AuditEntry] = []
    for _ in 0..<6 {
      let page = try AuditPage(of: storage, .init(positions: positions, limit: 1) { _ in })
      for entry in page.entries { positions[entry.chain] = entry.sequence }
      all += page.entries
    }
    #expect(all == whole.entries)
  }

  @Test func tooManyReadersAreTurnedAway() throws {
    let (trail, _) = trail(limits(10))
    for _ in 0..<AuditTrail.readersMax { try trail.enter() }
    #expect(throws: EngineError.overloaded) { try trail.enter() }
    trail.leave()
    try trail.enter()
    trail.close()
    #expect(throws: EngineError.stopping) { try trail.enter() }
  }
}
