import Capacity
import CapacityEngine
import MemoryStorage
import SeededRandom
import Testing

/// The whole engine: thread, mailbox, lane and store.
struct EngineTests {
  @Test func sixtyFourTasksRaceForOneHundredUnits() async throws {
    let shop = try await Shop()
    try await shop.open(100)
    let engine = shop.engine
    let counts = await withTaskGroup(of: (won: Int, lost: Int).self) { group in
      for task in 0..<64 {
        group.addTask {
          var count = (won: 0, lost: 0)
          for index in 0..<20 {
            switch try? await engine.execute(Shop.reserve("t\(task)-\(index)")) {
            case .reserved(_, false)?: count.won += 1
            case .rejected(.lines(let failures))?:
              if case .heldByOthers = failures[0].obstacle.kind { count.lost += 1 }
            default: break
            }
          }
          return count
        }
      }
      return await group.reduce(into: (won: 0, lost: 0)) {
        $0.won += $1.won
        $0.lost += $1.lost
      }
    }
    #expect(counts.won == 100)
    #expect(counts.lost == 64 * 20 - 100)
    #expect(try await shop.pool()?.held == 100)
    await engine.stop()
  }

  /// Fails the n-th call of each kind until a run completes clean; callers repeat what failed.
  @Test(arguments: [Faults.Operation.begin, .load, .commit])
  func everyFailureIsSurvived(_ operation: Faults.Operation) async throws {
    var reached = false
    for nth in 1... {
      let shop = try await Shop()
      shop.faults.arm(.fail(Faults.full), at: operation, nth: nth)
      let failures = try await script(shop)
      #expect(try await shop.pool() == Pool(held: 2, consumed: 3, revision: 5))
      await shop.engine.stop()
      if failures == 0 { break }
      reached = true
      #expect(failures == 1)
    }
    #expect(reached)
  }

  // Returns how often it had to try again.
  private func script(_ shop: Shop) async throws -> Int {
    var failures = 0
    func run(_ command: Command) async throws -> Outcome {
      while true {
        do throws(EngineError) {
          return try await shop.engine.execute(command)
        } catch {
          #expect(error == .storageUnavailable)
          failures += 1
        }
      }
    }
    _ = try await run(Shop.hall(10))
    _ = try await run(Shop.ticket)
    _ = try await run(Shop.reserve("a", 3))
    _ = try await run(Shop.consume(1))
    _ = try await run(Shop.reserve("b", 1))
    _ = try await run(Shop.release(2))
    _ = try await run(Shop.reserve("c", 2))
    // Both are no longer in memory: their records are loaded.
    #expect(try await run(Shop.reserve("a", 3)).reservation?.state == .consumed)
    #expect(try await run(Shop.release(2)).reservation?.state == .released)
    return failures
  }

  @Test func expiryIsExactThoughNothingElseHappens() async throws {
    let shop = try await Shop()
    try await shop.open(5)
    _ = try await shop.engine.execute(Shop.reserve("a", 5, ttl: 10))
    shop.clock.advance(9)
    #expect(try await shop.pool()?.held == 5)
    shop.clock.advance(1)
    #expect(try await shop.pool()?.held == 0)
    #expect(try await shop.engine.reservation(1)?.state == .expired)
    await shop.engine.stop()
  }

  @Test func aRestartFindsEverythingAsItWas() async throws {
    let first = try await Shop()
    try await first.open(100)
    var random = SplitMix(seed: Seed.value)
    for index in 0..<60 {
      _ = try await first.engine.execute(
        Shop.reserve(
          "k\(index)", .random(in: 1...3, using: &random), ttl: .random(in: 1...90, using: &random))
      )
      let number = UInt64.random(in: 1...60, using: &random)
      let command = Bool.random(using: &random) ? Shop.consume(number) : Shop.release(number)
      _ = try await first.engine.execute(command)
      first.clock.advance(.random(in: 0...2, using: &random))
    }
    let before = try await observed(first)
    await first.engine.stop()
    let second = try await Shop(clock: first.clock, store: first.store)
    #expect(try await observed(second) == before, "seed \(Seed.value)")
    let id = first.engine.naming.id(of: 1)
    #expect(second.engine.naming.id(of: 1) == id)
    // Keys too: no second hold.
    let replay = try await second.engine.execute(Shop.reserve("k0", 77, ttl: 5))
    #expect(replay == .rejected(.keyReused(field: "lines[0].quantity")))
    await second.engine.stop()
  }

  private struct Observed: Equatable {
    var reservations: [Reservation?]
    var views: [PoolKey: PoolView]
    var position: UInt64
  }

  private func observed(_ shop: Shop) async throws -> Observed {
    _ = try await shop.engine.execute(Shop.consume(999))
    var reservations: [Reservation?] = []
    for number in UInt64(1)...60 {
      reservations.append(try await shop.engine.reservation(number))
    }
    let reading = try await shop.engine.read([Shop.pool])
    return Observed(
      reservations: reservations, views: reading.views, position: reading.position)
  }

  @Test func overloadIsSaidAndReleasesGetThrough() async throws {
    let shop = try await Shop(waitingMax: 2)
    try await shop.open(100)
    _ = try await shop.engine.execute(Shop.reserve("held"))
    shop.faults.arm(.delay(microseconds: 1_000_000), at: .commit)
    let before = shop.faults.callCount(.commit)
    let engine = shop.engine
    async let slow = engine.execute(Shop.reserve("slow"))
    while shop.faults.callCount(.commit) == before { try await Task.sleep(for: .milliseconds(1)) }
    let results = await withTaskGroup(of: Bool.self) { group in
      for index in 0..<20 {
        group.addTask {
          do throws(EngineError) {
            _ = try await engine.execute(Shop.reserve("k\(index)"))
            return true
          } catch {
            #expect(error == .overloaded)
            return false
          }
        }
      }
      group.addTask { (try? await engine.execute(Shop.release(1))) != nil }
      return await group.reduce(into: [Bool]()) { $0.append($1) }
    }
    // Two that wait, and the release.
    #expect(results.filter { $0 }.count == 3)
    #expect(try await slow.reservation != nil)
    await engine.stop()
  }

  @Test func stoppingFinishesWhatWaits() async throws {
    let shop = try await Shop()
    try await shop.open(1000)
    shop.faults.arm(.delay(microseconds: 50_000), at: .commit)
    let engine = shop.engine
    let done = await withTaskGroup(of: Bool.self) { group in
      for index in 0..<100 {
        group.addTask {
          do throws(EngineError) {
            return try await engine.execute(Shop.reserve("k\(index)")).reservation != nil
          } catch {
            #expect(error == .stopping)
            return false
          }
        }
      }
      group.addTask {
        await engine.stop()
        return false
      }
      return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
    }
    await #expect(throws: EngineError.stopping) { try await engine.execute(Shop.reserve("late")) }
    let again = try await Shop(clock: shop.clock, store: shop.store)
    #expect(try await again.pool()?.held ?? 0 == Int64(done))
    await again.engine.stop()
  }

  @Test func aStoreThatCannotBeOpenedIsReported() async throws {
    let faults = Faults()
    faults.arm(.fail(StorageError(.corrupt, "torn")), at: .catalogue)
    await #expect(throws: StorageError(.corrupt, "torn")) { _ = try await Shop(faults: faults) }
  }

  @Test func subscribersHearWhatIsDurableOnly() async throws {
    let shop = try await Shop()
    try await shop.open(5)
    let subscription = try shop.engine.subscribe()
    var interest = ChangeInterest()
    interest.insert(Shop.pool)
    subscription.follow(interest)
    shop.faults.arm(.fail(Faults.full), at: .commit)
    _ = try? await shop.engine.execute(Shop.reserve("a"))
    #expect(await subscription.next(waitingAtMost: 0.02)?.changes == Changes())
    _ = try await shop.engine.execute(Shop.reserve("a"))
    #expect(await subscription.next(waitingAtMost: 5)?.changes == Changes(pools: [Shop.pool]))
    await shop.engine.stop()
    #expect(await subscription.next(waitingAtMost: 5) == nil)
  }
}
