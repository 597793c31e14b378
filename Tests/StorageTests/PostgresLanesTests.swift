import Capacity
import CapacityEngine
import Foundation
import Logging
import PostgresServer
import Testing

@testable import PostgresStorage

/// Several lanes of one store on a real database.
@Suite("Lanes on PostgreSQL")
struct PostgresLanesTests {
  private let settings: ConnectionSettings

  init() throws {
    settings = try PostgresServer.newPlace()
    try PostgresStorage.open(settings, newIdentity: StoreIdentity(namingKey: 5)).close()
  }

  private func open() throws -> PostgresStorage {
    try PostgresStorage.open(settings, newIdentity: nil)
  }

  /// A batch of one lane of two, as somebody decided it who knew of nothing in the log.
  private func batch(of lane: Int, number: UInt64, count: Int) -> ChangeSet {
    var changes = Samples.batch(from: 1, count: count)
    for index in changes.reservations.indices {
      changes.reservations[index].number = number + UInt64(2 * index)
      changes.keys[index] = (Samples.key(number + UInt64(2 * index)), number + UInt64(2 * index))
    }
    changes.counters = changes.counters.spread(over: 2)
    changes.counters.nextReservation = number + UInt64(2 * count)
    changes.counters.marks[1 - lane] = StoreCounters(lanes: 2).marks[0]
    changes.lanes = LaneSet(lane)
    return changes
  }

  @Test func batchesOfDifferentLanesStandBehindOneAnother() throws {
    #expect(try PostgresLanes.set(settings, count: 2) == 1)
    #expect(try PostgresLanes.count(settings) == 2)
    let storage = try open()
    defer { storage.close() }
    let known = try storage.counters()
    #expect(known == StoreCounters(lanes: 2))
    let work = try #require(try storage.beginOptimistic())
    let first = try work.prepare(batch(of: 0, number: 2, count: 3), after: known).run()
    #expect(first.first == 1 && first.others == [] && first.state.nextSequence == 4)
    // Decided before the other was written, and written after it.
    let second = try work.prepare(batch(of: 1, number: 3, count: 2), after: known).run()
    #expect(second.first == 4 && second.others.map(\.sequence) == [1, 2, 3])
    let state = try storage.counters()
    #expect(state == second.state && state.nextSequence == 6 && state.nextReservation == 8)
    #expect(state.marks.map(\.lastSequence) == [3, 5])
    #expect(state.marks.map(\.poolsWrittenTo) == [3, 5])
    #expect(try storage.events(after: 0, limit: 10).map(\.sequence) == [1, 2, 3, 4, 5])
    #expect(try storage.events(after: 3, limit: 1).map(\.sequence) == [4])
    // The lane has moved, the other one has not.
    #expect(throws: StorageError.self) {
      try work.prepare(batch(of: 1, number: 9, count: 1), after: known).run()
    }
    #expect(try storage.counters() == state)
  }

  @Test func whoKnowsAnotherNumberOfLanesIsTurnedAway() throws {
    let storage = try open()
    defer { storage.close() }
    let known = try storage.counters()
    #expect(try PostgresLanes.set(settings, count: 2) == 1)
    let work = try #require(try storage.beginOptimistic())
    do {
      _ = try work.prepare(Samples.batch(from: 1, count: 1), after: known).run()
      Issue.record("it was written in lanes that are no more")
    } catch {
      #expect(error.kind == .conflict)
    }
    #expect(try storage.counters() == StoreCounters(lanes: 2))
  }

  /// Who waits for the locks of all lanes while the store is given others has locked rows that are no more, and none of the new ones.
  @Test func whoWaitedForLanesThatAreNoMoreHasNone() async throws {
    let storage = try open()
    defer { storage.close() }
    try storage.write(Samples.batch(from: 1, count: 3))
    // A busy machine must not end the wait: tests that compute can keep this one from going on for a minute.
    var patient = settings.patient
    patient.lockMilliseconds = 3_600_000
    let settings = patient
    let changing = try Connection(settings)
    let known = try storage.counters()
    let rows = try changing.exchange([
      Query(Transaction.begin), Transaction.lock(.all(LaneSet.countMax)),
      Query(Transaction.lockLog), Query(Statement("own_pid", "SELECT pg_backend_pid()::int8")),
    ])
    // On a thread of its own: tasks have few, and others need them.
    let (answers, answer) = AsyncStream<Result<ForgottenPage, StorageError>>.makeStream()
    let isAnswered = Flag()
    Thread.detachNewThread {
      defer { isAnswered.set() }
      do throws(StorageError) {
        let log = PostgresEventLog(settings)
        answer.yield(
          .success(try log.forget(closedBefore: .distantFuture, after: 0, limit: 99)))
      } catch {
        answer.yield(.failure(error))
      }
    }
    try await waitUntilSomebodyWaits(forProcess: try rows[3].int(0, 0), or: isAnswered)
    _ = try changing.exchange(
      PostgresLanes.change(to: known.spread(over: 3)) + [Query(Transaction.commit)])
    switch try #require(await answers.first { _ in true }) {
    case .success(let page): Issue.record("\(page) without a lock")
    case .failure(let error): #expect(error.kind == .conflict)
    }
    // The next try has them.
    let page = try PostgresEventLog(settings)
      .forget(closedBefore: .distantFuture, after: 0, limit: 99)
    #expect(page.last == 3)
  }

  private func waitUntilSomebodyWaits(forProcess id: Int64, or isAnswered: Flag) async throws {
    let watching = try Connection(settings.patient)
    let waiting = Statement(
      "waiting",
      "SELECT count(*) FROM pg_stat_activity WHERE \(id) = ANY (pg_blocking_pids(pid))")
    while !isAnswered.isSet, try watching.exchange([Query(waiting)])[0].int(0, 0) == 0 {
      try await Task.sleep(for: .milliseconds(10))
    }
  }

  @Test func keysAreWrittenInOneOrder() {
    var changes = Samples.batch(from: 1, count: 3)
    changes.keys.reverse()
    let given = changes.keys.map(\.key.key)
    // Alone in its store a batch meets nobody.
    #expect(BatchStatements.inOrder(changes).map(\.key.key) == given)
    let several = BatchStatements.inOrder(changes.spread(over: 2))
    #expect(several.map(\.key.key) == given.sorted() && given != given.sorted())
  }

  @Test func aStoreHasUpToSixtyFourLanes() throws {
    #expect(try PostgresLanes.set(settings, count: 64) == 1)
    let storage = try open()
    defer { storage.close() }
    try storage.write(Samples.batch(from: 1, count: 3).spread(over: 64))
    #expect(try storage.counters().marks.count == 64)
    #expect(try PostgresLanes.set(settings, count: 1) == 64)
    let state = try storage.counters()
    #expect(state.marks.map(\.lastSequence) == [3] && state.nextReservation == 4)
  }

  // MARK: Engines

  private func engine() async throws -> Engine {
    let settings = settings
    return try await Engine.start(
      logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
      clock: { Instant(microseconds: 1_000_000_000_000) }, zone: { _ in .utc },
      open: { () throws(StorageError) in try PostgresStorage.open(settings, newIdentity: nil) })
  }

  /// Three nodes, each with sellers of its own and some of the others', and buyers of things of several sellers; meanwhile the store gets
  /// other numbers of lanes.
  @Test func enginesSellForManySellersSideBySide() async throws {
    _ = try PostgresLanes.set(settings, count: 4)
    let engines = [try await engine(), try await engine(), try await engine()]
    for seller in 0..<6 {
      let hall = Resource(
        id: "hall \(seller)", sellerID: "s\(seller)", inventory: .stock(total: .units(60)))
      let ticket = Product(
        id: "ticket \(seller)", sellerID: "s\(seller)", draws: [Draw(resourceID: "hall \(seller)")])
      _ = try await engines[0].execute(
        .putResource(Command.PutResource(resource: hall, zone: .utc, actor: "ana")))
      _ = try await engines[1].execute(
        .putProduct(Command.PutProduct(product: ticket, actor: "ana")))
    }
    let settings = settings
    let units = try await withThrowingTaskGroup(of: Int.self) { group in
      for index in 0..<900 {
        let (node, round) = (index % 3, index / 3)
        let own = node * 2 + round % 2
        let sellers = round % 7 == 0 ? [own, (own + 1) % 6] : round % 11 == 0 ? [5 - own] : [own]
        group.addTask {
          let outcome = try await engines[node].execute(Self.reserve("k\(index)", sellers))
          if case .reserved = outcome { return sellers.count }
          return 0
        }
      }
      for count in [2, 7, 4] {
        try await Task.sleep(for: .milliseconds(60))
        _ = try PostgresLanes.set(settings, count: count)
      }
      return try await group.reduce(0, +)
    }
    #expect(units == 6 * 60)
    for engine in engines { await engine.stop() }
    let storage = try open()
    defer { storage.close() }
    #expect(try StoreAudit.run(storage).findingsCount == 0)
    var pools: [Pool] = []
    try StoredPools(of: storage).each { (_, pool, _) in pools.append(pool) }
    #expect(pools.map(\.held) == Array(repeating: 60, count: 6))
    let last = try storage.counters().nextSequence - 1
    #expect(try storage.events(after: 0, limit: 10_000).map(\.sequence) == Array(1...last))
  }

  private static func reserve(_ key: String, _ sellers: [Int]) -> Command {
    .reserve(
      Command.Reserve(
        key: IdempotencyKey(buyerID: "bea", key: key),
        lines: sellers.map {
          Command.RequestedLine(productID: "ticket \($0)", slot: "", quantity: 1)
        },
        ttl: Interval(seconds: 600), reference: "", actor: "bea"))
  }
}

extension ChangeSet {
  /// The same for a store with so many lanes.
  fileprivate func spread(over count: Int) -> ChangeSet {
    var changes = self
    changes.counters = counters.spread(over: count)
    changes.lanes = changes.counters.allLanes
    return changes
  }
}
