import Testing

@testable import Capacity

/// The plan that was found last is used again only for the same question.
struct LatestPlanTests {
  private func desk() -> Desk {
    var desk = Desk()
    desk.put(stock("hall", 10))
    desk.put(product("ticket", Draw(resourceID: "hall")))
    desk.put(product("pair", Draw(resourceID: "hall", units: 2)))
    return desk
  }

  private func pause(_ isPaused: Bool) -> Command {
    .setPause(
      Command.SetPause(target: .product("ticket"), paused: isPaused, scope: .anyone, actor: "ana"))
  }

  private func isReserved(_ outcome: Outcome) -> Bool {
    if case .reserved = outcome { true } else { false }
  }

  /// All of it at one instant, as in one batch.
  @Test func aChangedDefinitionIsSeen() {
    var desk = desk()
    #expect(isReserved(desk.reserve(line("ticket", 1))))
    desk.run(pause(true))
    #expect(!isReserved(desk.reserve(line("ticket", 1))))
    desk.run(pause(false))
    #expect(isReserved(desk.reserve(line("ticket", 1))))
    _ = desk.draft(pause(true))
    desk.set.rollBack()
    #expect(isReserved(desk.reserve(line("ticket", 1))))
  }

  @Test func anotherProductHasAPlanOfItsOwn() {
    var desk = desk()
    desk.reserve(line("ticket", 1), line("pair", 1), line("ticket", 1))
    #expect(desk.set.pool(PoolKey(resourceID: "hall", ordinal: 0)).held == 4)
  }

  @Test func anotherDayHasAnotherPlan() throws {
    let desk = desk()
    var latest = LatestPlan()
    let days = [desk.now, desk.now, desk.now + Interval(seconds: 86_400)].map { now -> CivilDate? in
      let found = latest.find(productID: "ticket", slotID: "", in: desk.set.catalogue, at: now)
      return if case .plan(let plan) = found { plan.primary.occurrence.date } else { nil }
    }
    #expect(days[0] == days[1] && days[0] != days[2])
  }
}
