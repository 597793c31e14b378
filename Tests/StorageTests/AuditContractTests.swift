import Capacity
import CapacityEngine
import Foundation
import GRDB
import HashChain
import PostgresServer
import Testing

@testable import PostgresStorage
@testable import SQLiteStorage

/// What every adapter promises of the audit log: entries of the lane come with the change that they tell of, others beside it, and
/// whoever touches one of them is found out.
@Suite("The audit log contract")
struct AuditContractTests {
  private static func record(_ number: Int, _ kind: AuditRecord.Kind = .denied) -> AuditRecord {
    AuditRecord(
      kind, at: Instant(microseconds: Int64(number)),
      AuditRecord.Source(
        actor: "añá \(number)", roles: ["ADMIN"], peer: "127.0.0.1:1", method: "/a/b",
        requestID: "r\(number)"),
      subject: "hall", reason: "a \"reason\"\u{0}\u{1}", before: "{}", after: "{\"a\":1}")
  }

  /// `count` entries of the lane and as many of the system, the first after a batch of reservations.
  private static func fill(_ storage: any Storage, count: Int = 6) throws {
    var lane = try storage.counters()
    for number in 1...count {
      var changes = Samples.batch(from: UInt64(number), count: 1)
      changes.counters.audit = lane.audit
      try changes.seal(record(number, .configurationChanged))
      try storage.write(changes)
      lane = changes.counters
    }
    let log = try storage.openLog()
    try log.append((1...3).map { record($0) })
    try log.append((4...count).map { record($0) })
  }

  @Test(arguments: Adapter.allCases)
  func aNewStoreHasNone(adapter: Adapter) throws {
    let place = try adapter.place()
    let storage = try place.open()
    defer { storage.close() }
    #expect(try storage.auditHeads() == [.lane: AuditHead()])
    #expect(try storage.auditEntries(of: .lane, after: 0, limit: 10).isEmpty)
    let verified = try AuditVerification.run(storage)
    #expect(verified.findings.isEmpty && verified.anchors.isEmpty && verified.entriesCount == 0)
  }

  @Test(arguments: Adapter.allCases)
  func entriesComeBackAsTheyWere(adapter: Adapter) throws {
    let place = try adapter.place()
    let first = try place.open()
    try Self.fill(first)
    first.close()
    let storage = try place.open()
    defer { storage.close() }
    for chain in [AuditChain.lane, .system(0)] {
      let kind: AuditRecord.Kind = chain == .lane ? .configurationChanged : .denied
      let entries = try storage.auditEntries(of: chain, after: 0, limit: 100)
      #expect(entries.map(\.sequence) == [1, 2, 3, 4, 5, 6])
      let records = try entries.map { try AuditSeal.record(of: $0) }
      let wanted = (1...6).map { Self.record($0, kind) }
      #expect(records == wanted)
      #expect(
        try storage.auditEntries(of: chain, after: 2, limit: 2) == Array(entries[2..<4]))
      #expect(
        try storage.openLog().auditEntries(of: chain, after: 2, limit: 2) == Array(entries[2..<4]))
      let head = AuditHead(sequence: 6, hash: try #require(entries.last).hash)
      #expect(try storage.auditHeads()[chain] == head)
      #expect(try storage.openLog().auditHeads()[chain] == head)
    }
    #expect(try storage.counters().audit == storage.auditHeads()[.lane])
    let verified = try AuditVerification.run(storage)
    #expect(verified.findings.isEmpty && verified.entriesCount == 12)
    #expect(verified.anchors.map(\.chain) == [.lane, .system(0)])
    #expect(try AuditVerification.run(storage, kept: verified.anchors).findings.isEmpty)
  }

  @Test(arguments: Adapter.allCases)
  func anEntryIsWrittenWithItsChangeOrNotAtAll(adapter: Adapter) throws {
    let place = try adapter.place()
    let storage = try place.open()
    defer { storage.close() }
    try Self.fill(storage)
    let before = try storage.counters()
    // The key is taken: nothing of the batch may stay.
    var changes = Samples.batch(from: 7, count: 1)
    changes.keys = [(IdempotencyKey(buyerID: "\u{1}hall", key: "k"), 1)]
    changes.counters.audit = before.audit
    try storage.write(changes)
    var again = Samples.batch(from: 8, count: 1)
    again.keys = changes.keys
    again.counters.audit = before.audit
    try again.seal(Self.record(7, .configurationChanged))
    #expect(throws: StorageError.self) { try storage.write(again) }
    #expect(try storage.counters().audit == before.audit)
    #expect(try storage.auditEntries(of: .lane, after: 6, limit: 10).isEmpty)
  }

  @Test(arguments: Adapter.allCases)
  func aNumberIsGivenOutOnce(adapter: Adapter) throws {
    let place = try adapter.place()
    let storage = try place.open()
    defer { storage.close() }
    try Self.fill(storage)
    // As a lane would whose memory is behind the store.
    var changes = Samples.batch(from: 7, count: 1)
    try changes.seal(Self.record(1))
    #expect(throws: StorageError.self) { try storage.write(changes) }
  }

  @Test func writersOnPostgresDoNotWaitForOneAnother() throws {
    let place = try PostgresPlace()
    let storage = try place.open()
    defer { storage.close() }
    let logs = try (0..<3).map { _ in try storage.openLog() }
    for log in logs { try log.append([Self.record(1)]) }
    // With the lane's lock in other hands too.
    let unit = try storage.begin(reading: RecordNames())
    for log in logs { try log.append([Self.record(2)]) }
    unit.end()
    let heads = try storage.auditHeads()
    #expect(heads.keys.sorted() == [.lane, .system(0), .system(1), .system(2)])
    #expect(heads.values.filter { $0.sequence == 2 }.count == 3)
    #expect(try AuditVerification.run(storage).findings.isEmpty)
  }

  // MARK: Whoever touches it

  /// What an attacker does to the table, and the entry that tells of it.
  static let damages: [(name: String, statements: [String], sequence: UInt64)] = [
    (
      "edited",
      ["UPDATE audit SET body = replace(body, 'hall', 'barn') WHERE CHAIN AND sequence = 3"], 3
    ),
    ("edited time", ["UPDATE audit SET at = 99 WHERE CHAIN AND sequence = 3"], 3),
    (
      "edited hash",
      ["UPDATE audit SET hash = replace(hash, '1', '2') WHERE CHAIN AND sequence = 3"], 3
    ),
    ("removed", ["DELETE FROM audit WHERE CHAIN AND sequence = 3"], 3),
    ("removed at the beginning", ["DELETE FROM audit WHERE CHAIN AND sequence <= 2"], 1),
    (
      "removed, numbers closed up",
      [
        "DELETE FROM audit WHERE CHAIN AND sequence = 3",
        "UPDATE audit SET sequence = 3 WHERE CHAIN AND sequence = 4",
        "UPDATE audit SET sequence = 4 WHERE CHAIN AND sequence = 5",
        "UPDATE audit SET sequence = 5 WHERE CHAIN AND sequence = 6",
      ], 3
    ),
    (
      "swapped",
      [
        "UPDATE audit SET sequence = 99 WHERE CHAIN AND sequence = 3",
        "UPDATE audit SET sequence = 3 WHERE CHAIN AND sequence = 4",
        "UPDATE audit SET sequence = 4 WHERE CHAIN AND sequence = 99",
      ], 3
    ),
    ("cut off at the end", ["DELETE FROM audit WHERE CHAIN AND sequence >= 5"], 5),
    ("all gone", ["DELETE FROM audit WHERE CHAIN"], 1),
    (
      "added behind the end",
      [
        "INSERT INTO audit SELECT chain, 7, at, body, hash FROM audit WHERE CHAIN AND sequence = 6"
      ], 7
    ),
  ]

  @Test(arguments: damages.indices, [AuditChain.lane, .system(0)])
  func aTouchedEntryIsFoundOnSQLite(index: Int, chain: AuditChain) throws {
    let place = try SQLitePlace()
    let storage = try place.open()
    try Self.fill(storage)
    storage.close()
    let queue = try DatabaseQueue(path: place.path)
    try queue.write { database in
      try database.execute(
        sql: "DROP TRIGGER audit_is_not_edited; DROP TRIGGER audit_is_not_deleted")
      for statement in Self.damages[index].statements {
        try database.execute(
          sql: statement.replacingOccurrences(of: "CHAIN", with: "chain = '\(chain.name)'"))
      }
    }
    try queue.close()
    try Self.expectFinding(index, chain, in: try SQLiteReader.open(path: place.path))
  }

  @Test(arguments: damages.indices, [AuditChain.lane, .system(0)])
  func aTouchedEntryIsFoundOnPostgres(index: Int, chain: AuditChain) throws {
    let place = try PostgresPlace()
    let storage = try place.open()
    defer { storage.close() }
    try Self.fill(storage)
    let connection = try Connection(place.settings)
    let drop = Query(once: "DROP TRIGGER audit_is_only_added_to ON audit")
    let damage = Self.damages[index].statements.map { statement in
      Query(once: statement.replacingOccurrences(of: "CHAIN", with: "chain = '\(chain.name)'"))
    }
    _ = try connection.exchange([drop] + damage)
    try Self.expectFinding(index, chain, in: storage)
  }

  private static func expectFinding(
    _ index: Int, _ chain: AuditChain, in log: any AuditLog
  ) throws {
    let verified = try AuditVerification.run(log)
    let name = Comment(rawValue: "\(damages[index].name) in \(chain.name)")
    #expect(verified.findings.map(\.chain) == [chain], name)
    #expect(verified.findings.map(\.sequence) == [damages[index].sequence], name)
  }

  @Test func aChainThatIsMadeAnewIsFoundByWhatWasKept() throws {
    let place = try SQLitePlace()
    let storage = try place.open()
    try Self.fill(storage)
    let kept = try AuditVerification.run(storage).anchors
    storage.close()
    let queue = try DatabaseQueue(path: place.path)
    try queue.write { database in
      try database.execute(
        sql: """
          DROP TRIGGER audit_is_not_edited; DROP TRIGGER audit_is_not_deleted;
          DELETE FROM audit; DELETE FROM audit_chain;
          UPDATE lane SET audit_sequence = 0, audit_hash = ''
          """)
    }
    try queue.close()
    let forged = try place.open()
    defer { forged.close() }
    #expect(try AuditVerification.run(forged).findings.isEmpty)
    #expect(try AuditVerification.run(forged, kept: kept).findings.map(\.sequence) == [1, 1])
    var changes = ChangeSet(counters: try forged.counters())
    for number in 1...6 { try changes.seal(Self.record(number, .staffActed)) }
    try forged.write(changes)
    try forged.openLog().append((1...6).map { Self.record($0) })
    let verified = try AuditVerification.run(forged, kept: kept)
    // The system's is the same as before, word for word.
    #expect(verified.findings.map(\.chain) == [.lane])
    #expect(verified.findings.map(\.sequence) == [6])
  }

  @Test(arguments: [Adapter.sqlite, .postgres])
  func theTableRefusesWhoeverChangesIt(adapter: Adapter) throws {
    let place = try adapter.place()
    let storage = try place.open()
    defer { storage.close() }
    try Self.fill(storage)
    for statement in ["UPDATE audit SET at = 1", "DELETE FROM audit"] {
      #expect(throws: (any Error).self) {
        if let place = place as? SQLitePlace {
          try DatabaseQueue(path: place.path).write { try $0.execute(sql: statement) }
        } else if let place = place as? PostgresPlace {
          _ = try Connection(place.settings).exchange([Query(once: statement)])
        }
      }
    }
    #expect(try AuditVerification.run(storage).entriesCount == 12)
  }

  @Test func anchorsAreReadAsTheyArePrinted() {
    let anchor = AuditAnchor(
      chain: .lane, head: AuditHead(sequence: 7, hash: HashChain.hash(after: .zero, [7])))
    #expect(AuditAnchor(text: anchor.text) == anchor)
    let wrong = [
      "", "lane-0", "lane-0:7", "lane-0:x:\(anchor.head.hash.text)", ":7:\(anchor.head.hash.text)",
      "lane-0:7:\(anchor.head.hash.text)0", "lane-0:7:\(anchor.head.hash.text.dropLast())g",
    ]
    for text in wrong { #expect(AuditAnchor(text: text) == nil, "\(text)") }
  }
}
