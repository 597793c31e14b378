import Capacity
import CapacityEngine
import CupoSchema
import Testing

@testable import CapacityAPI

/// What whoever comes back with a token has missed, by the time that the token is of.
@Suite(.timeLimit(.minutes(5)))
struct WatchResumptionTests {
  private let calendars = CalendarCache()

  private func plan(_ house: House) throws -> WatchPlan {
    var request = WatchAvailabilityRequest()
    request.productIDs = ["ticket", "visit"]
    (request.fromDate, request.toDate) = ("2026-12-20", "2026-12-22")
    return try WatchPlan(
      WatchFilter(request, sellerIDs: []), in: house.engine.catalogue, calendars,
      at: house.clock.now)
  }

  private func missed(
    _ house: House, tokenAfterStanding seconds: Int64, isAhead: Bool = false
  ) async throws -> (missed: WatchPosition.Missed, all: [SlotName]) {
    let plan = try plan(house)
    let standing = WatchBoard.Standing(
      plan: plan, goal: .init(version: 1, token: []), asOf: house.clock.now, isAhead: isAhead)
    let token = ResumeToken(
      position: house.engine.position, asOf: house.clock.now + Interval(seconds: seconds),
      store: 7, names: plan.fingerprint)
    let resumption = WatchResumption(engine: house.engine, calendars: calendars, token: token)
    return (try await resumption.missed(standing), plan.names)
  }

  private func house() async throws -> House {
    let house = try await House()
    try await house.furnish()
    return house
  }

  @Test(arguments: [0, -1, -60] as [Int64])
  func whereNothingHappenedNothingIsTold(_ seconds: Int64) async throws {
    let house = try await house()
    let (missed, all) = try await missed(house, tokenAfterStanding: seconds)
    #expect(all.count == 4)
    #expect(missed.names.isEmpty && missed.removed.isEmpty)
    await house.close()
  }

  /// Its clock was ahead of ours, or ours was set back: what time had changed for it may not have happened yet.
  @Test(arguments: [1, 86_400] as [Int64])
  func whoComesBackFromALaterTimeIsToldEverything(_ seconds: Int64) async throws {
    let house = try await house()
    let (missed, all) = try await missed(house, tokenAfterStanding: seconds)
    #expect(Array(missed.names) == all)
    await house.close()
  }

  @Test func whileTheStoreFailsEverythingIsTold() async throws {
    let house = try await house()
    let (missed, all) = try await missed(house, tokenAfterStanding: 0, isAhead: true)
    #expect(Array(missed.names) == all)
    await house.close()
  }

  /// A board that has just begun knows those who have been told what it shows, and nobody from before or after.
  @Test func aBoardKnowsOnlyWhoWasThere() async throws {
    let house = try await house()
    let plan = try plan(house)
    let (position, now) = (house.engine.position, house.clock.now)
    let board = WatchBoard(plan.filter, store: 7)
    let entries = plan.slots.indices.map {
      WatchImage.Entry(plan.names[$0], slot: plan.slots[$0].id, [1])
    }
    let look = WatchBoard.Look(position: position, asOf: now, toldAsOf: now, isAhead: false)
    #expect(board.show(plan, entries, look))
    func isKnown(_ positionsOn: Int = 0, seconds: Int64 = 0, names: UInt64? = nil) -> Bool {
      board.version(
        at: ResumeToken(
          position: position.advanced(by: positionsOn), asOf: now + Interval(seconds: seconds),
          store: 7, names: names ?? plan.fingerprint)) != nil
    }
    #expect(isKnown() && isKnown(1))
    #expect(!isKnown(-1) && !isKnown(seconds: -1) && !isKnown(seconds: 1))
    #expect(!isKnown(names: plan.fingerprint &+ 1))
    await house.close()
  }
}
