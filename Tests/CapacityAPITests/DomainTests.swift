import Capacity
import CapacityEngine
import CupoSchema
import Protobuf
import RPC
import Testing

/// Limits for buyers, pricing triggers, impact and withdrawn slots, as callers see them.
@Suite(.timeLimit(.minutes(5)))
struct DomainTests {
  private static let ten = "2026-12-24T10:00:00+00:00"
  private static let eleven = "2026-12-24T11:00:00+00:00"

  private func house(_ limits: Capacity.PurchaseLimits = .init()) async throws -> House {
    let house = try await House()
    try await house.furnish()
    var ticket = Product(id: "ticket", sellerID: "sol", draws: [Draw(resourceID: "hall")])
    ticket.limits = limits
    try await house.put(ticket)
    return house
  }

  @Test func aBuyersLimitsSurviveARestart() async throws {
    let first = try await house(.init(maxHeldPerBuyer: 3, maxPerBuyerPerDay: 4))
    let id = try await first.reserve("ticket", 2).reservation?.reservationID ?? ""
    _ = try await first.consume(id)
    try await first.reserve("ticket", 1)
    await first.close()
    let second = try await House(clock: first.clock, store: first.store)
    try await second.reserve("ticket", 2, told: "BUYER_LIMIT_REACHED", .resourceExhausted)
    try await second.reserve("ticket", 1)
    try await second.reserve("ticket", 1, told: "BUYER_LIMIT_REACHED", .resourceExhausted)
    await second.close()
  }

  @Test func concurrentReservesOfOneBuyerStayWithinIt() async throws {
    let house = try await house(.init(maxHeldPerBuyer: 2))
    let made = try await withThrowingTaskGroup(of: Bool.self) { group in
      for _ in 0..<20 {
        group.addTask {
          do {
            try await house.reserve("ticket", 1)
            return true
          } catch let error as RPCError {
            #expect(try Told(error).reason == "BUYER_LIMIT_REACHED")
            return false
          }
        }
      }
      return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
    }
    #expect(made == 2)
    await house.close()
  }

  @Test func aLimitThatComesWithTheReserveBesideItHolds() async throws {
    let house = try await house()
    try await house.reserve("ticket", 2)
    var ticket = Product(id: "ticket", sellerID: "sol", draws: [Draw(resourceID: "hall")])
    ticket.limits = PurchaseLimits(maxHeldPerBuyer: 2)
    let put = Command.putProduct(Command.PutProduct(product: ticket, actor: "ana"))
    async let limited = house.engine.execute(put)
    async let tried: ()? = try? house.reserve("ticket", 1, key: "beside").reservation.map { _ in }
    _ = try await (limited, tried)
    try await house.reserve("ticket", 1, told: "BUYER_LIMIT_REACHED", .resourceExhausted)
    await house.close()
  }

  @Test func explainNamesTheBuyersObstacle() async throws {
    let house = try await house(.init(maxHeldPerBuyer: 2))
    try await house.reserve("ticket", 2)
    var request = ExplainAvailabilityRequest()
    request.productID = "ticket"
    let anybody = try await house.client.unary(AvailabilityService.explainAvailability, request)
    #expect(anybody.sellable)
    request.buyerID = "bea"
    let bea = try await house.client.unary(AvailabilityService.explainAvailability, request)
    #expect(bea.obstacles.map(\.reason) == [.buyerLimitReached])
    #expect(bea.obstacles.first?.until?.seconds == house.clock.now.seconds + 60)
    request.buyerID = "abe"
    #expect(try await house.client.unary(AvailabilityService.explainAvailability, request).sellable)
    await house.close()
  }

  @Test func triggersShowAndAreFrozen() async throws {
    let house = try await house()
    var seat = Product(id: "seat", sellerID: "sol", draws: [Draw(resourceID: "bus")])
    seat.pricingTriggers = [
      PricingTrigger(
        id: "busy", condition: .occupancyAtLeast(percent: 60), adjustmentBasisPoints: 1500)
    ]
    try await house.put(seat)
    let first = try await house.reserve("seat", 2, slot: Self.ten)
    #expect(first.reservation?.lines.first?.pricingTriggerIDs == [])
    let slot = try await house.availability("seat", from: "2026-12-24").slots.first
    #expect(slot?.pricingTriggerIDs == ["busy"] && slot?.priceAdjustmentBp == 1500)
    let second = try await house.reserve("seat", 1, slot: Self.ten)
    #expect(second.reservation?.lines.first?.priceAdjustmentBp == 1500)
    house.clock.advance(61)
    #expect(
      try await house.availability("seat", from: "2026-12-24").slots.first?.pricingTriggerIDs == [])
    #expect(
      try await house.found(id: second.reservation?.reservationID ?? "")?.lines.first?
        .priceAdjustmentBp == 1500)
    await house.close()
  }

  @Test func impactCountsWhatIsConsumedToo() async throws {
    let house = try await house()
    for _ in 0..<2 {
      let id = try await house.reserve("ticket", 1).reservation?.reservationID ?? ""
      _ = try await house.consume(id)
    }
    try await house.reserve("ticket", 1)
    var put = PutResourceRequest()
    var get = GetResourceRequest()
    get.resourceID = "hall"
    put.resource = try await house.client.unary(InventoryService.getResource, get).resource
    var (stock, total) = (Stock(), CupoSchema.Limit())
    total.kind = .units(2)
    stock.total = total
    put.resource?.inventory = .stock(stock)
    put.validateOnly = true
    let impact = try await house.client.unary(InventoryService.putResource, put).impact
    #expect(impact?.reservationsAffected == 3 && impact?.unitsOvercommitted == 1)
    var product = PutProductRequest()
    var getProduct = GetProductRequest()
    getProduct.productID = "ticket"
    product.product =
      try await house.client.unary(InventoryService.getProduct, getProduct).product
    product.validateOnly = true
    let none = try await house.client.unary(InventoryService.putProduct, product).impact
    #expect(none?.reservationsAffected == 0)
    product.product?.draws[0].units = 2
    let touched = try await house.client.unary(InventoryService.putProduct, product).impact
    #expect(touched?.reservationsAffected == 3 && touched?.unitsOvercommitted == 0)
    await house.close()
  }

  @Test func aBookedSlotThatIsGoneIsListedClosed() async throws {
    let house = try await house()
    let sold = try await house.reserve("seat", 2, slot: Self.eleven)
    _ = try await house.consume(sold.reservation?.reservationID ?? "")
    try await house.reserve("seat", 1, slot: Self.ten, ttl: 30)
    try await house.putBus(until: "10:30")
    let slots = try await house.availability("seat", from: "2026-12-24", to: "2026-12-25").slots
    #expect(slots.map(\.slot) == [Self.ten, Self.eleven])
    for slot in slots {
      #expect(slot.status == .closed && slot.closedReason == .noSlotAtTime && slot.capacity == 0)
    }
    #expect(slots.map(\.held) == [1, 0] && slots.map(\.consumed) == [0, 2])
    // Page by page it is the same.
    let page = try await house.availability(
      "seat", from: "2026-12-24", to: "2026-12-25", pageSize: 1)
    let next = try await house.availability(
      "seat", from: "2026-12-24", to: "2026-12-25", pageSize: 1, pageToken: page.nextPageToken)
    #expect((page.slots + next.slots) == slots)
    let day = try await house.calendar("seat", "2026-12-24", "2026-12-24").days[0]
    #expect(day.slots == 2 && day.status == .closed && day.closedReason == .noSlotAtTime)
    var explain = ExplainAvailabilityRequest()
    explain.productID = "seat"
    explain.slot = Self.eleven
    let why = try await house.client.unary(AvailabilityService.explainAvailability, explain)
    #expect(why.obstacles.first?.reason == .noSlotAtTime)
    var batch = BatchGetAvailabilityRequest()
    batch.checks = [AvailabilityCheck()]
    batch.checks[0].productID = "seat"
    batch.checks[0].slot = Self.eleven
    let answer = try await house.client.unary(AvailabilityService.batchGetAvailability, batch)
      .answers[0]
    #expect(!answer.sellable && answer.reason == .noSlotAtTime && answer.slot?.consumed == 2)
    // Nothing booked, nothing to show.
    house.clock.advance(31)
    let rest = try await house.availability("seat", from: "2026-12-24", to: "2026-12-25").slots
    #expect(rest.map(\.slot) == [Self.eleven])
    await house.close()
  }
}
