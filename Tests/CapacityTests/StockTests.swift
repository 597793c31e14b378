import Capacity
import Testing

/// AdjustStock.
struct StockTests {
  private func desk() -> Desk {
    var desk = Desk()
    desk.put(stock("mugs", 5))
    desk.put(product("mug", Draw(resourceID: "mugs")))
    return desk
  }

  @Test func anAdjustmentIsAnEventWithItsMovement() {
    var desk = desk()
    desk.reserve(line("mug", 5))
    #expect(desk.adjust("mugs", -2).rejection == nil)
    let events = desk.events.suffix(2)
    #expect(events.map(\.kind) == [.stockAdjusted, .capacityOvercommitted])
    let movement = events.first?.movements.first
    #expect(movement?.limit == -2 && movement?.balance.held == 5)
    #expect(events.first?.reason == "delivery")
    #expect(desk.availability("mug")?.remaining == -2)
    // Overcommitted it was before: said once.
    desk.adjust("mugs", -1, id: "b")
    #expect(desk.events.last?.kind == .stockAdjusted)
    desk.adjust("mugs", 4, id: "c")
    #expect(desk.availability("mug")?.remaining == 1)
  }

  @Test func eachRequestOnce() {
    var desk = desk()
    guard case .adjusted(let first, false) = desk.adjust("mugs", 3) else {
      Issue.record("not adjusted")
      return
    }
    #expect(first.inventory == .stock(total: .units(8)) && first.version == 2)
    #expect(desk.adjust("mugs", 3) == .adjusted(first, replayed: true))
    #expect(desk.adjust("mugs", -3).rejection == .keyReused(field: "delta"))
    // A buyer with the same key is somebody else.
    #expect(desk.reserve(line("mug"), buyer: "mugs", key: "a").isReplay == false)
  }

  @Test func whatCannotBe() {
    var desk = desk()
    desk.put(daily("days", 3))
    #expect(desk.adjust("mugs", -6).rejection == .stockBelowZero(total: 5))
    #expect(desk.adjust("cups", 1).rejection == .resourceNotFound("cups"))
    #expect(
      desk.adjust("days", 1).rejection
        == .violations([Violation("resource_id", "Must be a stock with a limited total.")]))
    guard case .violations(let list)? = desk.adjust("mugs", Limit.unitsMax).rejection else {
      Issue.record("beyond the greatest limit")
      return
    }
    #expect(list.map(\.field) == ["delta"])
    let count = desk.events.count
    #expect(desk.adjust("mugs", 0).rejection == nil)
    #expect(desk.events.count == count)
  }

  @Test func aRollBackTakesTheAdjustmentBack() {
    var desk = desk()
    let adjustment = Command.adjustStock(
      Command.AdjustStock(resourceID: "mugs", delta: 7, requestID: "a", actor: "ana"))
    _ = desk.draft(adjustment)
    desk.set.rollBack()
    #expect(desk.availability("mug")?.remaining == 5)
    #expect(desk.run(adjustment).rejection == nil)
    #expect(desk.availability("mug")?.remaining == 12)
  }
}
