import Capacity
import Logging
import MemoryStorage
import Testing

@testable import CapacityEngine

/// Several lanes on one store.
struct SharedStoreTests {
  private let clock = ManualClock()
  private let store = MemoryStore(identity: StoreIdentity(namingKey: 7))

  private func nodes(_ count: Int, units: Int64 = 10) throws -> [Node] {
    let nodes = try (0..<count).map { _ in try Node(store, clock) }
    _ = nodes[0].turn([Shop.hall(units), Shop.ticket])
    return nodes
  }

  @Test func aNodeDecidesOnWhatTheOthersWrote() throws {
    let nodes = try nodes(2, units: 3)
    // The second has never seen the product.
    #expect(try nodes[1].turn(Shop.reserve("a", 2))?.get().reservation?.number == 1)
    #expect(try nodes[0].turn(Shop.reserve("b", 1))?.get().reservation?.number == 2)
    #expect(try nodes[1].turn(Shop.reserve("c", 1))?.get().reservation == nil)
    #expect(try nodes[0].turn(Shop.release(1))?.get().reservation?.state == .released)
    #expect(try nodes[1].turn(Shop.reserve("c", 2))?.get().reservation?.number == 3)
    try expectSound(nodes)
  }

  @Test func aKeyThatAnotherNodeHasSeenIsAReplay() throws {
    let nodes = try nodes(2)
    _ = nodes[0].turn(Shop.reserve("a"))
    guard case .reserved(let first, replayed: true)? = try nodes[1].turn(Shop.reserve("a"))?.get()
    else {
      Issue.record("the key was used twice")
      return
    }
    #expect(first.number == 1)
    // Also when what it stands for is over.
    _ = nodes[0].turn(Shop.release(1))
    guard case .reserved(let again, replayed: true)? = try nodes[1].turn(Shop.reserve("a"))?.get()
    else {
      Issue.record("the key was used twice")
      return
    }
    #expect(again.state == .released)
  }

  @Test func aReservationIsResolvedOnce() throws {
    let nodes = try nodes(2)
    _ = nodes[0].turn(Shop.reserve("a"))
    // It lives in both memories.
    _ = nodes[1].read()
    _ = nodes[0].turn(Shop.consume(1))
    guard case .rejected(.alreadyConsumed)? = try nodes[1].turn(Shop.release(1))?.get() else {
      Issue.record("what was consumed was released")
      return
    }
    #expect(try nodes[1].lookUp(1)?.get()?.state == .consumed)
  }

  @Test func aReservationOfANumberThatIsNewHereIsFound() throws {
    let nodes = try nodes(2)
    _ = nodes[0].turn(Shop.reserve("a"))
    #expect(try nodes[1].lookUp(1)?.get()?.state == .held)
    _ = nodes[0].turn([Shop.reserve("b"), Shop.release(2)])
    _ = nodes[0].turn(Shop.release(2))
    #expect(try nodes[1].lookUp(2)?.get()?.state == .released)
  }

  @Test func theStoresClockDecides() throws {
    let late = ManualClock()
    late.advance(-5000)
    let nodes = [try Node(store, clock), try Node(store, clock, ownClock: late)]
    _ = nodes[0].turn([Shop.hall(1), Shop.ticket])
    let made = try nodes[1].turn(Shop.reserve("a", ttl: 10))?.get().reservation
    #expect(made?.createdAt == clock.now)
    clock.advance(9)
    #expect(try nodes[0].turn(Shop.reserve("b"))?.get().reservation == nil)
    clock.advance(1)
    late.advance(10)
    // Whoever comes first writes it down, and nobody twice.
    #expect(nodes[1].read()?.asOf == clock.now)
    #expect(nodes.map { $0.held } == [0, 0])
    let events = try nodes[0].storage.events(after: 0, limit: 100)
    #expect(events.filter { $0.kind == .reservationExpired }.count == 1)
    // It knows by its own clock when to look next.
    #expect(nodes[1].lane.nextTurn().map { $0 < late.now + Interval(seconds: 1) } == true)
  }

  @Test func readersSeeWhatIsAtMostALittleOld() throws {
    let nodes = try nodes(2)
    #expect(nodes[1].held == 0)
    _ = nodes[0].turn(Shop.reserve("a"))
    // Memory was in step at this very instant, and says so.
    #expect(nodes[1].held == 0)
    clock.advance(1)
    let reading = nodes[1].read()
    #expect(reading?.views[Shop.pool]?.pool.held == 1)
    #expect(reading?.asOf == clock.now)
    #expect(nodes[1].hub.position == nodes[0].hub.position)
  }

  @Test func newsAreFollowedWithoutCalls() throws {
    let nodes = try nodes(2)
    nodes[1].listen()
    let subscription = try nodes[1].hub.subscribe()
    defer { subscription.cancel() }
    clock.advance(1)
    nodes[1].lane.turn([])
    var interest = ChangeInterest()
    interest.insert(Shop.pool)
    subscription.follow(interest)
    _ = subscription.take()
    _ = nodes[0].turn(Shop.reserve("a"))
    nodes[1].lane.turn([])
    let notice = subscription.take()
    #expect(notice.changes.pools == [Shop.pool])
    #expect(notice.position == nodes[0].hub.position)
    #expect(nodes[1].hub.catalogue.product("ticket") != nil)
    #expect(nodes[1].lane.events.position == notice.position)
  }

  @Test func withoutNewsALookComesByItself() throws {
    let nodes = try nodes(2)
    nodes[1].lane.turn([])
    _ = nodes[0].turn(Shop.reserve("a"))
    let before = nodes[1].faults.callCount(.begin)
    nodes[1].lane.turn([])
    #expect(nodes[1].faults.callCount(.begin) == before)
    let next = try #require(nodes[1].lane.nextTurn())
    #expect(next > clock.now && next <= clock.now + SharedStore.lookEvery)
    clock.advance(1)
    nodes[1].lane.turn([])
    #expect(nodes[1].hub.position == nodes[0].hub.position)
  }

  @Test func aSingleNodeReadsNothingTwice() throws {
    let nodes = try nodes(1, units: 1000)
    let before = Faults.Operation.allCases.map { nodes[0].faults.callCount($0) }
    for index in 0..<10 { _ = nodes[0].turn(Shop.reserve("k\(index)")) }
    let counts = zip(Faults.Operation.allCases, before)
      .map { ($0, nodes[0].faults.callCount($0) - $1) }.filter { $0.1 > 0 }
    #expect(counts.allSatisfy { [.begin, .commit].contains($0.0) && $0.1 == 10 })
  }

  @Test func whatIsMissingFromTheLogIsReadAnew() throws {
    let nodes = try nodes(2, units: 100)
    _ = nodes[1].read()
    for index in 0..<5 { _ = nodes[0].turn(Shop.reserve("k\(index)")) }
    let log = try nodes[0].storage.openLog()
    let events = try log.events(after: 0, limit: 100)
    try log.write(LogCheckpoint(sequence: events.count.unsigned, lastReservation: 5), balances: [:])
    #expect(try log.trim(limit: 100) == events.count)
    let subscription = try nodes[1].hub.subscribe()
    #expect(try nodes[1].turn(Shop.reserve("x"))?.get().reservation?.number == 6)
    #expect(nodes[1].held == 6)
    #expect(subscription.take().changes.everything)
  }

  @Test func aLogThatIsFarAheadIsFollowedInPages() throws {
    let nodes = try nodes(2, units: 100_000)
    _ = nodes[1].read()
    _ = nodes[0].turn((0..<2_000).map { Shop.reserve("k\($0)") })
    let before = nodes[1].faults.callCount(.pools)
    #expect(try nodes[1].turn(Shop.reserve("x"))?.get().reservation?.number == 2_001)
    #expect(nodes[1].faults.callCount(.pools) == before)
    try expectSound(nodes)
  }

  // MARK: Commits that were lost

  @Test func whatTheStoreLostIsNoticedAndNeverMeansSomethingElse() throws {
    let nodes = try nodes(2)
    _ = nodes[0].turn(Shop.reserve("kept"))
    let past = store.present
    for key in ["a", "b", "c"] { _ = nodes[0].turn(Shop.reserve(key)) }
    store.goBack(to: past)
    // The store is behind: a reader finds out, by what it was not asked for.
    clock.advance(1)
    #expect(nodes[0].held == 1)
    let gap = try #require(try nodes[0].storage.events(after: 3, limit: 9).last)
    #expect(gap.kind == .repaired && gap.sequence > 6 + PutBackStore.eventsSkipped)
    let new = try #require(try nodes[0].turn(Shop.reserve("a"))?.get().reservation)
    #expect(new.number > PutBackStore.reservationsSkipped)
    #expect(try nodes[1].turn(Shop.reserve("d"))?.get().reservation?.number == new.number + 1)
    try expectSound(nodes)
  }

  @Test(arguments: [1, 2, 3, 7])
  func aStoreThatHasGoneOnSinceIsNotFollowedUnnoticed(othersCount: Int) throws {
    let nodes = try nodes(3)
    _ = nodes[0].turn(Shop.reserve("kept"))
    for node in nodes { _ = node.read() }
    let past = store.present
    for key in ["a", "b"] { _ = nodes[0].turn(Shop.reserve(key)) }
    // This one knows what will be lost, too.
    _ = nodes[2].turn(Shop.reserve("c"))
    store.goBack(to: past)
    clock.advance(1)
    let numbers = try (0..<othersCount).map { index in
      try nodes[1].turn(Shop.reserve("other\(index)", 1))?.get().reservation?.number
    }
    #expect(numbers == (0..<othersCount).map { UInt64($0 + 2) })
    #expect(nodes[0].held == Int64(1 + othersCount))
    _ = nodes[2].turn(Shop.reserve("x"))
    // One entry says it, not one for each node.
    let gaps = try nodes[0].storage.events(after: 0, limit: 99).filter { $0.kind == .repaired }
    #expect(gaps.count == 1)
    for node in nodes { _ = node.read() }
    try expectSound(nodes)
  }

  @Test func aLogThatWasShortenedToItsEndIsNoLoss() throws {
    let nodes = try nodes(2)
    _ = nodes[0].turn(Shop.reserve("a"))
    _ = nodes[1].read()
    let log = try nodes[0].storage.openLog()
    let count = try log.events(after: 0, limit: 100).count
    try log.write(LogCheckpoint(sequence: count.unsigned, lastReservation: 1), balances: [:])
    _ = try log.trim(limit: 100)
    for node in nodes + nodes { _ = node.turn(Shop.reserve("x\(node.ownClock.now)")) }
    #expect(try log.events(after: 0, limit: 100).allSatisfy { $0.kind != .repaired })
  }

  // MARK: Faults

  @Test func aLostAcknowledgementIsFoundInTheLog() throws {
    let nodes = try nodes(2)
    nodes[0].faults.arm(.writeThenFail(Faults.full), at: .commit)
    #expect(nodes[0].turn(Shop.reserve("a")) == .failure(.storageUnavailable))
    #expect(try nodes[1].turn(Shop.reserve("b"))?.get().reservation?.number == 2)
    guard case .reserved(let found, replayed: true)? = try nodes[0].turn(Shop.reserve("a"))?.get()
    else {
      Issue.record("what was written was written again")
      return
    }
    #expect(found.number == 1)
    try expectSound(nodes)
  }

  @Test func aConflictIsTriedAgainAndReadersAreAnsweredOnce() throws {
    let nodes = try nodes(1)
    let conflict = StorageError(.conflict, "others were faster")
    nodes[0].faults.arm(.fail(conflict), at: .commit, count: 2)
    let reading = Box<Result<Reading, EngineError>>(1)
    let found = Box<Result<Reservation?, EngineError>>(1)
    let outcome = Box<Result<Outcome, EngineError>>(1)
    nodes[0].lane.turn([
      .read(ReadQuery(pools: [Shop.pool])) { reading.put($0, 0) },
      .lookUp(1) { found.put($0, 0) },
      .command(Shop.reserve("a")) { outcome.put($0, 0) },
    ])
    #expect(try outcome.values.first?.get().reservation?.number == 1)
    #expect(reading.values.count == 1 && found.values.count == 1)
    // It does not try for ever.
    nodes[0].faults.arm(.fail(conflict), at: .commit, count: 100)
    #expect(nodes[0].turn(Shop.reserve("b")) == .failure(.storageUnavailable))
    nodes[0].faults.disarm()
    #expect(try nodes[0].turn(Shop.reserve("b"))?.get().reservation?.number == 2)
  }

  @Test func whileTheStoreIsAwayReadersAreToldSinceWhen() throws {
    let nodes = try nodes(1)
    _ = nodes[0].turn(Shop.reserve("a", ttl: 60))
    let known = clock.now
    nodes[0].faults.arm(.fail(Faults.full), at: .begin, count: .max)
    clock.advance(10)
    for _ in 0..<3 {
      #expect(nodes[0].held == 1)
      #expect(nodes[0].read()?.asOf == known)
      clock.advance(1)
    }
    // Reading does not ask a store that is known to fail.
    let before = nodes[0].faults.callCount(.begin)
    _ = nodes[0].read()
    #expect(nodes[0].faults.callCount(.begin) == before)
    nodes[0].faults.disarm()
    nodes[0].lane.turn([])
    #expect(nodes[0].read()?.asOf == clock.now)
  }

  @Test func aNodeThatDiesWithTheLockLetsGoOfIt() throws {
    let nodes = try nodes(2)
    let unit = try nodes[0].storage.begin(
      .writingAlone, reading: RecordNames(), after: StoreCounters(nextSequence: .max))
    nodes[0].storage.abandon()
    #expect(try nodes[1].turn(Shop.reserve("a"))?.get().reservation?.number == 1)
    #expect(throws: StorageError.self) { try unit.commit(ChangeSet(counters: StoreCounters())) }
    #expect(nodes[0].turn(Shop.reserve("b")) == .failure(.storageUnavailable))
  }

  @Test func limitsThatAnotherNodeSetsMakeTwoBatches() throws {
    let nodes = try nodes(2, units: 100)
    _ = nodes[1].read()
    let limited = Command.putProduct(
      Command.PutProduct(product: Shop.limitedTicket(1), actor: "ana"))
    _ = nodes[0].turn([limited])
    // Its memory says that nothing changes by this; under the lock it does.
    let outcomes = nodes[1].turn([Shop.reserve("a"), Shop.ticket, Shop.reserve("b", 3)])
    #expect(outcomes.compactMap { try? $0.get().reservation?.number } == [1, 2])
    try expectSound(nodes)
  }

  // MARK: Threads

  @Test func enginesRaceForTheLastUnits() async throws {
    let (store, clock) = (store, clock)
    var engines: [Engine] = []
    for _ in 0..<3 {
      engines.append(
        try await Engine.start(
          logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
          clock: { clock.now }, zone: { _ in .utc },
          open: { () throws(StorageError) in
            try MemoryStorage(sharing: store, clock: { clock.now })
          }))
    }
    _ = try await engines[0].execute(Shop.hall(50))
    _ = try await engines[0].execute(Shop.ticket)
    let all = engines
    let won = try await withThrowingTaskGroup(of: Bool.self) { group in
      for index in 0..<300 {
        group.addTask {
          try await all[index % 3].execute(Shop.reserve("k\(index)")).reservation != nil
        }
      }
      var won = 0
      for try await isWon in group where isWon { won += 1 }
      return won
    }
    #expect(won == 50)
    for engine in engines { await engine.stop() }
    let audit = try StoreAudit.run(try MemoryStorage(store))
    #expect(audit.findingsCount == 0)
  }

  /// Counters agree with the log, and every memory with the store.
  private func expectSound(_ nodes: [Node], _ location: SourceLocation = #_sourceLocation) throws {
    try Agreement.check(nodes, clock, location)
  }
}

extension Int {
  fileprivate var unsigned: UInt64 { UInt64(self) }
}
