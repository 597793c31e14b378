import CupoSchema
import RPC
import Testing

/// The lists and the pause of the catalogue over the wire.
@Suite(.timeLimit(.minutes(5)))
struct ListTests {
  private func products(
    _ house: House, size: UInt32 = 0, token: String = "", seller: String = ""
  ) async throws(RPCError) -> ListProductsResponse {
    var request = ListProductsRequest()
    request.pageSize = size
    request.pageToken = token
    request.sellerID = seller
    return try await house.client.unary(InventoryService.listProducts, request)
  }

  private func resources(
    _ house: House, size: UInt32 = 0, token: String = "", seller: String = ""
  ) async throws(RPCError) -> ListResourcesResponse {
    var request = ListResourcesRequest()
    request.pageSize = size
    request.pageToken = token
    request.sellerID = seller
    return try await house.client.unary(InventoryService.listResources, request)
  }

  @Test func pagesAreInOrderAndHoldEverythingOnce() async throws {
    let house = try await House()
    try await house.furnish()
    #expect(try await resources(house).resources.map(\.resourceID) == ["bus", "hall", "pool"])
    #expect(try await products(house).products.map(\.productID) == ["seat", "ticket", "visit"])
    for size in UInt32(1)...4 {
      var (found, token) = ([String](), "")
      repeat {
        let page = try await products(house, size: size, token: token)
        found += page.products.map(\.productID)
        token = page.nextPageToken
        #expect(page.products.count <= Int(size))
      } while !token.isEmpty
      #expect(found == ["seat", "ticket", "visit"])
    }
    await house.close()
  }

  @Test func whatIsAddedMeanwhileMovesNothing() async throws {
    let house = try await House()
    try await house.furnish()
    let first = try await products(house, size: 2)
    try await house.putPool(nil)  // `tour`, between the two
    let second = try await products(house, size: 2, token: first.nextPageToken)
    #expect(second.products.map(\.productID) == ["tour", "visit"])
    #expect(second.nextPageToken.isEmpty)
    await house.close()
  }

  @Test func aTokenIsGoodForItsOwnList() async throws {
    let house = try await House()
    try await house.furnish()
    let token = try await products(house, size: 1).nextPageToken
    let sellers = try await products(house, size: 1, seller: "sol")
    #expect(sellers.products.count == 1 && !sellers.nextPageToken.isEmpty)
    #expect(try await products(house, seller: "luna").products.isEmpty)
    for bad in ["x", token + "x", "1..", sellers.nextPageToken] {
      let error = try await told { _ = try await products(house, token: bad) }
      #expect(error.reason == "PAGE_TOKEN_INVALID", "\(bad)")
    }
    let other = try await told { _ = try await resources(house, token: token) }
    #expect(other.reason == "PAGE_TOKEN_INVALID")
    await house.close()
  }

  @Test func aPauseStopsSalesAndNothingElse() async throws {
    let house = try await House()
    try await house.furnish()
    let held = try await house.reserve("ticket", 2).reservation?.reservationID ?? ""
    #expect(try await pause(house, .resourceID("hall"), true) == 2)
    #expect(try await pause(house, .resourceID("hall"), true) == 2)
    try await house.reserve("ticket", told: "PAUSED", .failedPrecondition)
    #expect(try await house.availability("ticket").slots[0].closedReason == .paused)
    #expect(try await house.consume(held).reservation?.state == .consumed)
    // Each stands alone: the product's pause is not the resource's.
    #expect(try await pause(house, .productID("ticket"), true) == 2)
    #expect(try await pause(house, .resourceID("hall"), false) == 3)
    try await house.reserve("ticket", told: "PAUSED", .failedPrecondition)
    #expect(try await pause(house, .productID("ticket"), false) == 3)
    try await house.reserve("ticket")
    let missing = try await told { _ = try await pause(house, .resourceID("nothing"), true) }
    #expect(missing.reason == "RESOURCE_NOT_FOUND")
    let unknown = try await told { _ = try await pause(house, .productID("nothing"), true) }
    #expect(unknown.reason == "PRODUCT_NOT_FOUND")
    await house.close()
  }

  @Test func aWatchIsToldOfAPause() async throws {
    let house = try await House()
    try await house.furnish()
    var mirror = try await house.watch(["ticket"])
    try await mirror.snapshot()
    _ = try await pause(house, .resourceID("hall"), true)
    try await mirror.until { $0.slots["ticket "]?.closedReason == .paused }
    _ = try await pause(house, .resourceID("hall"), false)
    try await mirror.until { $0.slots["ticket "]?.status == .available }
    await house.close()
  }

  private func pause(
    _ house: House, _ target: SetPauseRequest.Target, _ paused: Bool
  ) async throws(RPCError) -> UInt64 {
    var request = SetPauseRequest()
    request.target = target
    request.paused = paused
    request.reason = "a test"
    return try await house.client.unary(InventoryService.setPause, request).version
  }
}
