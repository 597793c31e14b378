import Capacity
import CapacityEngine
import CupoSchema
import Identity
import MemoryStorage
import Protobuf
import RPC
import Synchronization
import Testing

@testable import CapacityAPI

/// Answers that are known: who gets them, what they say, and how many are kept.
@Suite(.timeLimit(.minutes(5)))
struct KnownAnswerTests {
  private func house() async throws -> House {
    let house = try await House(
      identification: FixedIdentification(
        Principal(subject: "bea", roles: RoleSet([.search, .buyer]))))
    try await house.furnish()
    return house
  }

  /// The lane's thread is in the store's hands for six seconds: only what is known can be answered meanwhile.
  @Test func whatIsKnownWaitsForNobody() async throws {
    let house = try await house()
    let decided = house.clock.now
    let first = try await house.availability("ticket")
    #expect(first.slots[0].held == 0)
    house.faults.arm(.delay(microseconds: 6_000_000), at: .commit)
    let commits = house.faults.callCount(.commit)
    async let reserve = house.reserve("ticket", 2)
    while house.faults.callCount(.commit) == commits { try await Task.sleep(for: .milliseconds(1)) }
    house.clock.advance(5)
    let start = ContinuousClock.now
    let second = try await house.availability("ticket")
    #expect(ContinuousClock.now - start < .seconds(5))
    // What is on its way is decided at an instant that may not be told without it.
    #expect(second.slots == first.slots && second.asOf?.seconds == decided.seconds)
    _ = try await reserve
    // Who was told that it is held sees it.
    let third = try await house.availability("ticket")
    #expect(third.slots[0].held == 2)
    #expect(third.asOf?.seconds ?? 0 >= decided.seconds)
    // At the instant itself, whatever else is under way.
    house.clock.advance(54)
    #expect(try await house.availability("ticket").slots[0].held == 2)
    house.clock.advance(1)
    let fourth = try await house.availability("ticket")
    #expect(fourth.slots[0].held == 0 && fourth.asOf?.seconds == house.clock.now.seconds)
    await house.close()
  }

  @Test func whoAsksTheSameTogetherSharesAReading() async throws {
    let house = try await house()
    try await house.reserve("seat", 1, slot: "2026-12-03T10:00:00+00:00")
    let answers = try await withThrowingTaskGroup(of: GetCalendarResponse.self) { group in
      for _ in 0..<200 {
        group.addTask { try await house.calendar("seat", "2026-12-03", "2026-12-04") }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(answers.count == 200 && answers.allSatisfy { $0 == answers[0] })
    #expect(answers[0].days.map(\.totalRemaining) == [5, 6])
    await house.close()
  }

  private final class Acknowledged: Sendable {
    private let number = Mutex<Int64>(0)
    var count: Int64 { number.withLock { $0 } }
    func set(_ count: Int64) { number.withLock { $0 = count } }
  }

  /// However many share readings that others began: what was acknowledged before somebody asked is in the answer.
  @Test func whoAsksSeesWhatWasAcknowledged() async throws {
    let house = try await house()
    try await house.put(
      Capacity.Resource(id: "yard", sellerID: "sol", inventory: .stock(total: .units(10_000))))
    try await house.put(
      Capacity.Product(id: "plant", sellerID: "sol", draws: [Capacity.Draw(resourceID: "yard")]))
    house.faults.arm(.delay(microseconds: 500), at: .commit, count: .max / 2)
    let acknowledged = Acknowledged()
    let missing = try await withThrowingTaskGroup(of: Int64.self) { group in
      group.addTask {
        for number in 1...200 {
          try await house.reserve("plant", ttl: 600)
          acknowledged.set(Int64(number))
        }
        return 0
      }
      for _ in 0..<16 {
        group.addTask {
          var missing: Int64 = 0
          while acknowledged.count < 200 {
            let least = acknowledged.count
            let held = try await house.availability("plant").slots[0].held
            missing = max(missing, least - held)
          }
          return missing
        }
      }
      return try await group.reduce(0, max)
    }
    #expect(missing == 0)
    await house.close()
  }

  /// What a reading fails with is told to each as its own.
  @Test func whatIsRefusedIsNotKept() async throws {
    let house = try await house()
    for _ in 0..<3 {
      let error = try await told { _ = try await house.availability("nothing") }
      #expect(error.reason == "PRODUCT_NOT_FOUND")
    }
    let codes = await withTaskGroup(of: StatusCode?.self) { group in
      for _ in 0..<50 {
        group.addTask {
          do throws(RPCError) {
            _ = try await house.availability("nothing")
            return nil
          } catch {
            return error.code
          }
        }
      }
      return await group.reduce(into: []) { $0.append($1) }
    }
    #expect(codes.allSatisfy { $0 == .notFound })
    try await house.put(
      Capacity.Product(
        id: "nothing", sellerID: "sol", draws: [Capacity.Draw(resourceID: "hall")]))
    #expect(try await house.availability("nothing").slots.count == 1)
    await house.close()
  }

  // MARK: Limits

  private func answer(_ question: String, on house: House) async throws -> KnownAnswer {
    let catalogue = house.engine.catalogue
    var calendar = ProductCalendar(try #require(Offer("ticket", in: catalogue)))
    let page = try AvailabilityPage(
      GetAvailabilityRequest(), &calendar, withdrawn: [], at: house.clock.now,
      tzdataVersion: "test")
    let reading = try await house.engine.read(page.question.query)
    return KnownAnswer(to: Array(question.utf8), page, reading, on: house.engine)
  }

  /// Of a reading that others began gets an answer who came before it was made, or whom nothing has happened to since.
  @Test func aReadingIsSharedByThoseWhoCameInTime() async throws {
    let house = try await house()
    let engine = house.engine
    let clock: () -> Instant = { house.clock.now }
    let early = try #require(engine.moment())
    let before = engine.position
    let answer = try await answer("q", on: house)
    #expect(answer.message(at: early, after: before, on: engine, clock: clock) != nil)
    #expect(answer.message(at: early, on: engine, clock: clock) != nil)
    try await house.reserve("visit", slot: "2026-12-24")
    // Something else has changed.
    let other = engine.position
    #expect(answer.message(at: early, after: other, on: engine, clock: clock) != nil)
    try await house.reserve("ticket", ttl: 600)
    #expect(answer.message(at: early, after: before, on: engine, clock: clock) != nil)
    #expect(answer.message(at: early, after: engine.position, on: engine, clock: clock) == nil)
    #expect(answer.message(at: early, on: engine, clock: clock) == nil)
    // Who comes when it is over has to ask, whatever the log says.
    let held = try await self.answer("q", on: house)
    house.clock.advance(600)
    let late = try #require(engine.moment())
    #expect(held.message(at: late, after: before, on: engine, clock: clock) == nil)
    await house.close()
  }

  @Test func whatIsKeptHasALimit() async throws {
    let house = try await house()
    let size = try await answer("q000", on: house).bytesCount
    let cache = AnswerCache(bytesMax: 40 * size)
    for number in 100..<300 {
      cache.keep(try await answer("q\(number)", on: house))
      #expect(cache.bytesCount <= 40 * size)
      // Whoever is asked for stays.
      if number > 100 { #expect(cache.answer(to: Array("q100".utf8).span) != nil) }
    }
    #expect(cache.bytesCount > 20 * size)
    #expect(cache.answer(to: Array("q299".utf8).span) != nil)
    #expect(cache.answer(to: Array("q200".utf8).span) == nil)
    // The same again takes the place of what was there.
    let before = cache.bytesCount
    cache.keep(try await answer("q299", on: house))
    #expect(cache.bytesCount == before)
    // What is too long is kept by nobody, nor is what takes more than an eighth.
    let long = String(repeating: "q", count: AnswerCache.questionBytesMax + 1)
    cache.keep(try await answer(long, on: house))
    #expect(cache.answer(to: Array(long.utf8).span) == nil)
    let small = AnswerCache(bytesMax: 8 * size - 8)
    small.keep(try await answer("q100", on: house))
    #expect(small.bytesCount == 0)
    await house.close()
  }

  @Test func waitersHaveALimit() {
    let cache = AnswerCache(waitersMax: 2)
    func open(_ question: String) -> AnswerCache.Turn { cache.open(Array(question.utf8)) { _ in } }
    #expect(open("a") == .first && open("a") == .waits)
    #expect(open("b") == .first && open("b") == .waits)
    #expect(open("a") == .alone && open("b") == .alone)
    cache.close(Array("a".utf8), nil)
    #expect(open("b") == .waits && open("a") == .first && open("a") == .alone)
  }
}
