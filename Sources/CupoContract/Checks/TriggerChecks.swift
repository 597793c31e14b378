internal import CupoSchema
internal import Protobuf
internal import RPC

/// Pricing triggers: shown, frozen into lines, and steady.
enum TriggerChecks {
  static func list() -> [ContractCheck] {
    [
      ContractCheck(
        CapacityService.reserve.path, "a line is frozen with the triggers as the buyer saw them",
        frozen),
      ContractCheck(
        AvailabilityService.getAvailability.path,
        "a trigger turns off 5 points below its threshold only", steady),
    ]
  }

  // On from half of what there is.
  private static func sell(_ run: ContractRun) async throws(CheckFailure) -> String {
    try await run.sellStock(100) { product in
      var trigger = PricingTrigger()
      trigger.triggerID = "busy"
      trigger.when = .occupancyAtLeastPercent(50)
      trigger.adjustmentBp = 1_250
      product.pricingTriggers = [trigger]
    }
  }

  private static func frozen(_ run: ContractRun) async throws(CheckFailure) {
    let product = try await sell(run)
    let first = try await run.hold(product, 50)
    try expectEqual("the first line's triggers", first.lines.first?.pricingTriggerIDs, [])
    let second = try await run.hold(product, 1)
    try expectEqual("the second line's triggers", second.lines.first?.pricingTriggerIDs, ["busy"])
    try expectEqual("its adjustment", second.lines.first?.priceAdjustmentBp, 1_250)
    try await run.release(first.reservationID)
    let after = try await run.read(second.reservationID)
    try expectEqual("its adjustment later", after.lines.first?.priceAdjustmentBp, 1_250)
  }

  private static func steady(_ run: ContractRun) async throws(CheckFailure) {
    let product = try await sell(run)
    _ = try await run.hold(product, 45)
    let one = try await run.hold(product, 1)
    let four = try await run.hold(product, 4)
    let on = try await run.stockSlot(product)
    try expectEqual("triggers at 50 %", on.pricingTriggerIDs, ["busy"])
    try expectEqual("adjustment at 50 %", on.priceAdjustmentBp, 1_250)
    try await run.release(four.reservationID)
    try expectEqual(
      "triggers at 46 %", try await run.stockSlot(product).pricingTriggerIDs, ["busy"])
    try await run.release(one.reservationID)
    try expectEqual("triggers at 45 %", try await run.stockSlot(product).pricingTriggerIDs, [])
    _ = try await run.hold(product, 4)
    try expectEqual("triggers at 49 %", try await run.stockSlot(product).pricingTriggerIDs, [])
  }
}
