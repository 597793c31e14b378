import Capacity
import CapacityEngine
import CupoSchema
import Testing

@testable import CapacityAPI

/// What whoever comes back with a token has missed, by the time that the token is of.
@Suite(.timeLimit(.minutes(1)))
struct WatchResumptionTests {
  private func missed(
    _ house: House, tokenAfterStanding seconds: Int64, isAhead: Bool = false
  ) async throws -> (missed: WatchPosition.Missed, all: [SlotName]) {
    var request = WatchAvailabilityRequest()
    request.productIDs = ["ticket", "visit"]
    (request.fromDate, request.toDate) = ("2026-12-20", "2026-12-22")
    let calendars = CalendarCache()
    let plan = try WatchPlan(
      WatchFilter(request, sellerIDs: []), in: house.engine.catalogue, calendars,
      at: house.clock.now)
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
}
