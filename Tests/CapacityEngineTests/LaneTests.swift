import Capacity
import MemoryStorage
import Synchronization
import Testing

@testable import CapacityEngine

/// One batch at a time.
struct LaneTests {
  @Test func aBatchIsOneCommit() throws {
    let bench = try Bench(units: 100)
    let before = bench.faults.callCount(.commit)
    let outcomes = bench.turn((0..<30).map { Shop.reserve("k\($0)") })
    #expect(outcomes.count == 30)
    #expect(outcomes.allSatisfy { (try? $0.get().reservation) != nil })
    #expect(bench.faults.callCount(.commit) == before + 1)
  }

  /// Everybody at once after nobody: in two halves, so that one is on its way while the other is decided. From then on they
  /// come in halves by themselves.
  @Test func aCrowdIsTwoCommits() throws {
    let bench = try Bench(units: 1_000)
    var next = 0
    for (count, commits) in [(100, 2), (50, 1), (50, 1), (3, 1), (97, 2), (31, 1)] {
      let before = bench.faults.callCount(.commit)
      let outcomes = bench.turn((0..<count).map { Shop.reserve("k\(next + $0)") })
      next += count
      #expect(outcomes.allSatisfy { (try? $0.get().reservation) != nil })
      #expect(bench.faults.callCount(.commit) == before + commits, "\(count)")
    }
  }

  /// Its caller waits for all of it: halves would only be two commits.
  @Test func commandsThatCameTogetherAreOneCommit() throws {
    let bench = try Bench(units: 90)
    _ = bench.turn([])
    let before = bench.faults.callCount(.commit)
    let box = Box<Result<[Outcome], EngineError>>(1)
    bench.lane.turn([
      .commands((0..<100).map { Shop.reserve("k\($0)") }) { box.put($0, 0) }
    ])
    let outcomes = try #require(box.values.first).get()
    #expect(outcomes.map { $0.reservation?.number } == (1...100).map { $0 <= 90 ? $0 : nil })
    #expect(bench.faults.callCount(.commit) == before + 1)
  }

  @Test func commandsThatCameTogetherFailTogether() throws {
    let bench = try Bench()
    bench.faults.arm(.fail(Faults.full), at: .commit)
    let box = Box<Result<[Outcome], EngineError>>(1)
    bench.lane.turn([.commands([Shop.reserve("a"), Shop.reserve("b")]) { box.put($0, 0) }])
    #expect(box.values == [.failure(.storageUnavailable)])
    #expect(bench.read()?.views[Shop.pool]?.pool.held == 0)
  }

  @Test func releasesGoInTheFirstHalf() throws {
    let bench = try Bench(units: 40)
    _ = bench.turn((0..<20).map { Shop.reserve("a\($0)") })
    _ = bench.turn([])
    let outcomes = bench.turn(
      (0..<60).map { Shop.reserve("b\($0)") } + (1...20).map { Shop.release(UInt64($0)) })
    // What they give back is there for whoever asked first.
    #expect(outcomes.prefix(40).allSatisfy { (try? $0.get().reservation) != nil })
    #expect(outcomes[40..<60].allSatisfy { (try? $0.get().reservation) == nil })
  }

  @Test func nobodyIsAnsweredBeforeTheCommit() throws {
    let bench = try Bench()
    let before = bench.faults.callCount(.commit)
    let seen = Mutex<[Int]>([])
    let faults = bench.faults
    bench.lane.turn(
      (0..<3).map { index in
        .command(Shop.reserve("k\(index)")) { _ in
          seen.withLock { $0.append(faults.callCount(.commit)) }
        }
      })
    #expect(seen.withLock { $0 } == [before + 1, before + 1, before + 1])
  }

  @Test func aFailingCommitUndoesTheBatch() throws {
    let bench = try Bench()
    _ = bench.turn([Shop.reserve("a", 2)])
    let before = bench.read()?.views
    bench.faults.arm(.fail(Faults.full), at: .commit)
    let failed = bench.turn([Shop.reserve("b"), Shop.consume(1), Shop.hall(3)])
    #expect(failed == Array(repeating: .failure(.storageUnavailable), count: 3))
    #expect(bench.read()?.views == before)
    #expect(bench.read()?.catalogue.resource("hall")?.resource.version == 1)
    let again = bench.turn([Shop.reserve("b"), Shop.consume(1)])
    #expect(again.allSatisfy { (try? $0.get().reservation) != nil })
    #expect(bench.read()?.views[Shop.pool]?.pool.held == 1)
  }

  @Test func aLookUpIsAnsweredOnceWhateverTheCommitDoes() throws {
    let bench = try Bench()
    _ = bench.turn([Shop.reserve("a")])
    bench.faults.arm(.fail(Faults.full), at: .commit)
    let found = Box<Result<Reservation?, EngineError>>(1)
    let outcome = Box<Result<Outcome, EngineError>>(1)
    bench.lane.turn([
      .lookUp(1) { found.put($0, 0) }, .command(Shop.consume(1)) { outcome.put($0, 0) },
    ])
    // It reads what was durable before the batch.
    #expect(try found.values.first?.get()?.state == .held)
    #expect(outcome.values == [.failure(.storageUnavailable)])
  }

  @Test func aLookUpFailsWhenTheStoreCannotBeRead() throws {
    let bench = try Bench()
    _ = bench.turn([Shop.reserve("a")])
    _ = bench.turn([Shop.release(1)])
    bench.faults.arm(.fail(Faults.full), at: .begin)
    let found = Box<Result<Reservation?, EngineError>>(1)
    bench.lane.turn([.lookUp(1) { found.put($0, 0) }])
    #expect(found.values == [.failure(.storageUnavailable)])
  }

  @Test func releasesGoAhead() throws {
    let bench = try Bench(units: 1)
    _ = bench.turn([Shop.reserve("a")])
    let outcomes = bench.turn([Shop.reserve("b"), Shop.release(1)])
    #expect(outcomes.allSatisfy { (try? $0.get().reservation) != nil })
  }

  @Test func twoRequestsWithOneKeyInOneBatch() throws {
    let bench = try Bench()
    let outcomes = bench.turn([Shop.reserve("a"), Shop.reserve("a"), Shop.reserve("a", 2)])
    let replays = outcomes.map { result -> Bool? in
      guard case .success(.reserved(_, let replayed)) = result else { return nil }
      return replayed
    }
    #expect(replays == [false, true, nil])
    #expect(bench.read()?.views[Shop.pool]?.pool.held == 1)
  }

  @Test func readersSeeExpiryThoughTheStoreFails() throws {
    let bench = try Bench(units: 1)
    _ = bench.turn([Shop.reserve("a", ttl: 10)])
    let position = bench.read()?.position
    bench.faults.setFull(true)
    bench.clock.advance(10)
    let reading = bench.read()
    #expect(reading?.views[Shop.pool]?.pool.held == 0)
    #expect(reading?.asOf == bench.clock.now)
    // What is not durable is no place to go on from.
    #expect(reading?.position == position)
    #expect(bench.turn([Shop.reserve("b")]) == [.failure(.storageUnavailable)])
    #expect(bench.read()?.views[Shop.pool]?.pool.held == 0)
    bench.faults.setFull(false)
    #expect(try bench.turn([Shop.reserve("b")]).first?.get().reservation?.number == 2)
  }

  @Test func moreExpireThanOneTransactionTakes() throws {
    let bench = try Bench(units: 10_000)
    _ = bench.turn((0..<9000).map { Shop.reserve("k\($0)", ttl: 10) })
    let before = bench.faults.callCount(.commit)
    bench.clock.advance(10)
    #expect(bench.read()?.views[Shop.pool]?.pool.held == 0)
    #expect(bench.faults.callCount(.commit) == before + 3)
    bench.clock.advance(10)
    #expect(bench.lane.nextTurn() == nil)
  }

  @Test func manyExpireWhileTheStoreFails() throws {
    let bench = try Bench(units: 10_000)
    _ = bench.turn((0..<9000).map { Shop.reserve("k\($0)", ttl: 10) })
    bench.faults.setFull(true)
    bench.clock.advance(10)
    #expect(bench.read()?.views[Shop.pool]?.pool.held == 0)
    #expect(bench.turn([Shop.consume(1)]) == [.failure(.storageUnavailable)])
    bench.faults.setFull(false)
    #expect(bench.turn([Shop.consume(1)]) == [.success(.rejected(.reservationExpired([])))])
  }

  @Test func aStoreThatWorksAgainIsNoticedWithoutCalls() throws {
    let bench = try Bench()
    bench.faults.setFull(true)
    #expect(bench.turn([Shop.reserve("a")]) == [.failure(.storageUnavailable)])
    #expect(bench.turn([]).isEmpty)
    #expect(bench.storageChanges.all == [true])
    // It looks from time to time, not all the time.
    #expect(bench.lane.nextTurn().map { $0 > bench.clock.now } == true)
    bench.faults.setFull(false)
    bench.clock.advance(1)
    #expect(bench.lane.nextTurn().map { $0 <= bench.clock.now } == true)
    #expect(bench.turn([]).isEmpty)
    #expect(bench.storageChanges.all == [true, false])
    #expect(bench.lane.nextTurn() == nil)
    let before = bench.faults.callCount(.commit)
    #expect(bench.turn([]).isEmpty)
    #expect(bench.faults.callCount(.commit) == before)
    #expect(try bench.turn([Shop.reserve("b")]).first?.get().reservation?.number == 1)
  }

  @Test func aLostAcknowledgementIsFoundByItsKey() throws {
    let bench = try Bench()
    bench.faults.arm(.writeThenFail(Faults.full), at: .commit)
    #expect(bench.turn([Shop.reserve("a")]) == [.failure(.storageUnavailable)])
    // The lane asks the store before it goes on, and finds what was written after all.
    let again = try #require(try bench.turn([Shop.reserve("a")]).first?.get())
    guard case .reserved(let reservation, replayed: true) = again else {
      Issue.record("\(again) is not the first reservation")
      return
    }
    #expect(reservation.number == 1)
    // And it goes on, with numbers that nobody has.
    guard
      case .success(.reserved(let next, replayed: false))? = bench.turn([Shop.reserve("b")]).first
    else {
      Issue.record("the lane is stuck")
      return
    }
    #expect(next.number == 2)
  }

  @Test func theMailboxHasALimitAndReleasesOneOfTheirOwn() {
    let mailbox = Mailbox(waitingMax: 3)
    let reserve = Work.command(Shop.reserve("a")) { _ in }
    let release = Work.command(Shop.release(1)) { _ in }
    #expect((0..<4).map { _ in mailbox.post(reserve) } == [nil, nil, nil, .overloaded])
    #expect(mailbox.post(.read(ReadQuery(pools: [])) { _ in }) == .overloaded)
    #expect((0..<4).map { _ in mailbox.post(release) } == [nil, nil, nil, .overloaded])
    var batch: [Work] = []
    #expect(mailbox.take(into: &batch, waitingAtMost: 0))
    #expect(batch.count == 6)
    let three = Work.commands(Array(repeating: Shop.reserve("a"), count: 3)) { _ in }
    #expect(mailbox.post(reserve) == nil)
    // It waits as a whole or not at all.
    #expect(mailbox.post(three) == .overloaded)
    mailbox.stop()
    #expect(mailbox.post(release) == .stopping)
    // What waits is still handed out, and then it ends.
    batch.removeAll()
    #expect(mailbox.take(into: &batch, waitingAtMost: 1))
    #expect(batch.count == 1)
    batch.removeAll()
    #expect(!mailbox.take(into: &batch, waitingAtMost: 1))
  }
}
