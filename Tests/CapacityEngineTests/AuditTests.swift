import Capacity
import Testing

@testable import CapacityEngine
@testable import MemoryStorage

/// What the audit log says of commands, and that it says it in the transaction of the change.
@Suite("What lanes write into the audit log")
struct AuditTests {
  private static let ana = AuditRecord.Source(
    actor: "ana", roles: ["ADMIN"], peer: "10.0.0.1:5", method: "/x/PutResource", requestID: "r-1")

  private static func note(_ subject: String = "hall", isOfStaff: Bool = false) -> AuditNote {
    AuditNote(ana, subject: subject, reason: "because", isOfStaff: isOfStaff)
  }

  private static func hall(_ units: Int64, overbooking: Int64 = 0) -> Command {
    var hall = Resource(id: "hall", sellerID: "sol", inventory: .stock(total: .units(units)))
    if overbooking > 0 {
      hall.overbooking = OverbookingBudget(units: overbooking, reason: "a coach more")
    }
    return .putResource(Command.PutResource(resource: hall, zone: .utc, actor: "ana"))
  }

  @discardableResult
  private func turn(_ bench: Bench, _ command: Command, _ note: AuditNote?) -> Outcome? {
    let box = Box<Result<Outcome, EngineError>>(1)
    bench.lane.turn([.command(command, note: note) { box.put($0, 0) }])
    return try? box.values.first?.get()
  }

  private func records(_ store: MemoryStore) throws -> [AuditRecord] {
    try log(store).auditEntries(of: .lane, after: 0, limit: 1_000).map {
      try AuditSeal.record(of: $0)
    }
  }

  private func log(_ store: MemoryStore) -> any AuditLog {
    MemoryEventLog(store, owner: 0, Faults())
  }

  @Test func whatHasNoNoteLeavesNothing() throws {
    let bench = try Bench()
    #expect(turn(bench, Shop.reserve("a"), nil) != nil)
    #expect(try records(bench.store).isEmpty)
    #expect(bench.lane.set.counters.audit == AuditHead())
  }

  @Test func aChangeIsToldWithBeforeAndAfter() throws {
    let bench = try Bench()
    turn(bench, Self.hall(12), Self.note())
    let record = try #require(try records(bench.store).first)
    #expect(record.kind == .configurationChanged && record.source == Self.ana)
    #expect(record.subject == "hall" && record.reason == "because" && record.outcome == "OK")
    #expect(record.at == bench.clock.now)
    let before = try RecordCodec.decodeResource(Array(record.before.utf8))
    let after = try RecordCodec.decodeResource(Array(record.after.utf8))
    #expect(before.inventory == .stock(total: .units(10)))
    #expect(after.inventory == .stock(total: .units(12)) && after.version == 2)
    // The same once more changes nothing.
    turn(bench, Self.hall(12), Self.note())
    #expect(try records(bench.store).count == 1)
  }

  @Test func whatIsNewHasNothingBefore() throws {
    let bench = try Bench()
    let product = Product(id: "new", sellerID: "sol", draws: [Draw(resourceID: "hall")])
    turn(bench, .putProduct(Command.PutProduct(product: product, actor: "ana")), Self.note("new"))
    let record = try #require(try records(bench.store).first)
    #expect(record.before.isEmpty && record.after.contains("\"new\""))
  }

  @Test func everyKindOfChangeIsTold() throws {
    let bench = try Bench()
    let commands: [Command] = [
      .setPause(Command.SetPause(target: .resource("hall"), paused: true, actor: "ana")),
      .setPause(Command.SetPause(target: .product("ticket"), paused: true, actor: "ana")),
      .adjustStock(
        Command.AdjustStock(resourceID: "hall", delta: 3, requestID: "q", actor: "ana")),
    ]
    for command in commands { turn(bench, command, Self.note()) }
    let kinds = try records(bench.store).map(\.kind)
    #expect(kinds == Array(repeating: .configurationChanged, count: 3))
  }

  @Test func anOverbookingIsAnEntryOfItsOwn() throws {
    let bench = try Bench()
    turn(bench, Self.hall(10, overbooking: 2), Self.note())
    #expect(try records(bench.store).map(\.kind) == [.configurationChanged, .overbookingApproved])
    #expect(try records(bench.store).last?.reason == "a coach more")
    turn(bench, Self.hall(11, overbooking: 2), Self.note())
    turn(bench, Self.hall(11), Self.note())
    #expect(
      try records(bench.store).map(\.kind).suffix(2)
        == [.configurationChanged, .configurationChanged])
  }

  @Test func staffIsToldOfWhateverItDoes() throws {
    let bench = try Bench()
    turn(bench, Shop.reserve("a"), Self.note("", isOfStaff: true))
    turn(bench, Shop.release(1), Self.note("res", isOfStaff: true))
    // A repeat too.
    turn(bench, Shop.release(1), Self.note("res", isOfStaff: true))
    let all = try records(bench.store)
    #expect(all.map(\.kind) == Array(repeating: .staffActed, count: 3))
    #expect(all.map(\.subject) == [ReservationNaming(key: 7).id(of: 1), "res", "res"])
  }

  @Test func whatIsRejectedIsNotTheLanesToTell() throws {
    let bench = try Bench()
    turn(bench, Shop.release(77), Self.note("res", isOfStaff: true))
    #expect(try records(bench.store).isEmpty)
  }

  @Test func aCommitThatFailsLeavesNoEntry() throws {
    let bench = try Bench()
    bench.faults.arm(.fail(StorageError(.unavailable, "down")), at: .commit)
    #expect(turn(bench, Self.hall(12), Self.note()) == nil)
    #expect(try records(bench.store).isEmpty)
    bench.clock.advance(1)
    turn(bench, Self.hall(13), Self.note())
    #expect(try records(bench.store).count == 1)
    #expect(try AuditVerification.run(log(bench.store)).findings.isEmpty)
  }

  @Test func aCommitThatWasWrittenAfterAllIsGoneOnFrom() throws {
    let bench = try Bench()
    turn(bench, Self.hall(12), Self.note())
    // Nothing but an entry of the audit log: no event tells that it was written.
    bench.faults.arm(.writeThenFail(StorageError(.unavailable, "down")), at: .commit)
    #expect(turn(bench, Self.hall(12), Self.note(isOfStaff: true)) == nil)
    bench.clock.advance(1)
    #expect(turn(bench, Self.hall(13), Self.note()) != nil)
    #expect(try records(bench.store).count == 3)
    #expect(try AuditVerification.run(log(bench.store)).findings.isEmpty)
  }

  @Test func nodesGoOnFromOneAnother() throws {
    let clock = ManualClock()
    let store = MemoryStore(identity: StoreIdentity(namingKey: 7))
    let nodes = [try Node(store, clock), try Node(store, clock)]
    for number in 0..<10 {
      let box = Box<Result<Outcome, EngineError>>(1)
      nodes[number % 2].lane.turn([
        .command(Self.hall(Int64(number) + 1), note: Self.note()) { box.put($0, 0) }
      ])
      #expect(try box.values.first?.get() != nil)
    }
    #expect(try records(store).count == 10)
    #expect(try AuditVerification.run(log(store)).findings.isEmpty)
  }

  @Test func theChainGoesOnAfterARestart() throws {
    var bench = try Bench()
    for units in 20..<25 {
      turn(bench, Self.hall(Int64(units)), Self.note())
      bench = try bench.reopened()
    }
    let verified = try AuditVerification.run(log(bench.store))
    #expect(verified.findings.isEmpty && verified.entriesCount == 5)
  }
}
