internal import CupoSchema
internal import Protobuf
internal import RPC

/// ListResources and ListProducts: everything once, in the order of the ids, whatever is put meanwhile.
enum ListChecks {
  static func list() -> [ContractCheck] {
    let (resources, products) = (
      InventoryService.listResources.path, InventoryService.listProducts.path
    )
    return [
      ContractCheck(resources, "pages hold everything once, in order", resourcePages),
      ContractCheck(resources, "PAGE_TOKEN_INVALID", resourceToken),
      ContractCheck(resources, "a seller without resources has none", noResources),
      ContractCheck(products, "pages hold everything once, in order", productPages),
      ContractCheck(products, "PAGE_TOKEN_INVALID", productToken),
      ContractCheck(products, "a page goes on behind what was put meanwhile", meanwhile),
    ]
  }

  // Sellers of their own: other checks put for the run's at the same time.
  private static func furnish(
    _ run: ContractRun, _ count: Int
  ) async throws(CheckFailure) -> (seller: String, ids: [String]) {
    let seller = run.fresh("seller")
    let base = run.fresh("list")
    for index in 0..<count { try await put("\(base)-\(index)", seller, run) }
    return (seller, (0..<count).map { "\(base)-\($0)" })
  }

  private static func put(
    _ id: String, _ seller: String, _ run: ContractRun
  ) async throws(CheckFailure) {
    var (resource, product) = (run.stock(id, units: 1), run.product(id, of: [id]))
    (resource.sellerID, product.sellerID) = (seller, seller)
    try await run.put(resource)
    try await run.put(product)
  }

  private static func resources(
    _ seller: String, _ token: String, _ run: ContractRun
  ) async throws(CheckFailure) -> ListResourcesResponse {
    var request = ListResourcesRequest()
    (request.sellerID, request.pageToken) = (seller, token)
    request.pageSize = 2
    return try await run.caller.ok(InventoryService.listResources, request)
  }

  private static func products(
    _ seller: String, _ token: String, _ run: ContractRun
  ) async throws(CheckFailure) -> ListProductsResponse {
    var request = ListProductsRequest()
    (request.sellerID, request.pageToken) = (seller, token)
    request.pageSize = 2
    return try await run.caller.ok(InventoryService.listProducts, request)
  }

  private static func resourcePages(_ run: ContractRun) async throws(CheckFailure) {
    let (seller, ids) = try await furnish(run, 5)
    var (found, token) = ([Resource](), "")
    for _ in 0..<5 {
      let page = try await resources(seller, token, run)
      try expect(page.resources.count <= 2, "2 in a page", got: "\(page.resources.count)")
      found += page.resources
      token = page.nextPageToken
      if token.isEmpty { break }
    }
    try expectEqual("the resources of all pages", found.map(\.resourceID), ids)
    try expectEqual(
      "a resource of a list", found.first, try await InventoryChecks.resource(ids[0], run))
  }

  private static func productPages(_ run: ContractRun) async throws(CheckFailure) {
    let (seller, ids) = try await furnish(run, 5)
    var (found, token) = ([Product](), "")
    for _ in 0..<5 {
      let page = try await products(seller, token, run)
      try expect(page.products.count <= 2, "2 in a page", got: "\(page.products.count)")
      found += page.products
      token = page.nextPageToken
      if token.isEmpty { break }
    }
    try expectEqual("the products of all pages", found.map(\.productID), ids)
    try expectEqual(
      "a product of a list", found.first, try await InventoryChecks.product(ids[0], run))
  }

  private static func meanwhile(_ run: ContractRun) async throws(CheckFailure) {
    let (seller, ids) = try await furnish(run, 4)
    let first = try await products(seller, "", run)
    try await put("\(ids[0])-a", seller, run)
    let second = try await products(seller, first.nextPageToken, run)
    try expectEqual("the second page", second.products.map(\.productID), [ids[2], ids[3]])
    try expectEqual("next_page_token", second.nextPageToken, "")
  }

  private static func noResources(_ run: ContractRun) async throws(CheckFailure) {
    let page = try await resources(run.fresh("seller"), "", run)
    try expectEqual("how many resources", page.resources.count, 0)
    try expectEqual("next_page_token", page.nextPageToken, "")
  }

  private static func resourceToken(_ run: ContractRun) async throws(CheckFailure) {
    let (seller, _) = try await furnish(run, 3)
    let token = try await resources(seller, "", run).nextPageToken
    for (seller, token) in [(seller, "x"), (seller, token + "x"), (run.fresh("seller"), token)] {
      var request = ListResourcesRequest()
      (request.sellerID, request.pageToken) = (seller, token)
      try await run.caller.refused(InventoryService.listResources, request, .pageTokenInvalid)
    }
  }

  private static func productToken(_ run: ContractRun) async throws(CheckFailure) {
    let (seller, _) = try await furnish(run, 3)
    let token = try await products(seller, "", run).nextPageToken
    for (seller, token) in [(seller, "x"), (seller, token + "x"), (run.fresh("seller"), token)] {
      var request = ListProductsRequest()
      (request.sellerID, request.pageToken) = (seller, token)
      try await run.caller.refused(InventoryService.listProducts, request, .pageTokenInvalid)
    }
  }
}
