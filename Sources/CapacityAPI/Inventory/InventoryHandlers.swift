internal import Capacity
internal import CapacityEngine
internal import CupoSchema
internal import Protobuf

/// InventoryService: translates definitions between the wire and the catalogue. It decides nothing.
struct InventoryHandlers: Sendable {
  let engine: Engine
  /// Finds a time zone by its IANA name.
  let zone: @Sendable (String) -> Zone?

  func register(in registry: inout ServiceRegistry) {
    registry.unary(InventoryService.putResource, rules: { $0.violations() }, putResource)
    registry.unary(InventoryService.getResource, rules: { $0.violations() }, getResource)
    registry.unary(InventoryService.listResources, rules: { $0.violations() }, listResources)
    registry.unary(InventoryService.adjustStock, rules: { $0.violations() }, adjustStock)
    registry.unary(InventoryService.putProduct, rules: { $0.violations() }, putProduct)
    registry.unary(InventoryService.getProduct, rules: { $0.violations() }, getProduct)
    registry.unary(InventoryService.listProducts, rules: { $0.violations() }, listProducts)
    registry.command(
      InventoryService.setPause, on: engine, rules: { $0.violations() }, Self.setPause, Self.paused)
  }

  @Sendable
  private func putResource(
    _ request: PutResourceRequest, _ caller: Caller
  ) async throws(Refusal) -> PutResourceResponse {
    var problems: [Refusal.FieldProblem] = []
    let resource = Capacity.Resource(request.resource ?? .init(), problems: &problems)
    let zone = zone(resource.timeZone)
    if zone == nil {
      problems.append(
        .init(
          field: "resource.time_zone",
          description: "Not a time zone that this server knows: \(resource.timeZone)"))
    }
    guard let zone, problems.isEmpty else { throw .violations(problems) }
    let put = Command.PutResource(
      resource: resource, zone: zone, expectedVersion: request.expectedVersion,
      validateOnly: request.validateOnly, scope: caller.reach.scope,
      actor: caller.subject)
    guard
      case .resource(let stored, let impact) = try await engine.outcome(
        of: .putResource(put), for: caller)
    else { throw Refusal(.internal) }
    var response = PutResourceResponse()
    response.resource = stored.message
    response.impact = try await engine.complete(impact).message
    return response
  }

  @Sendable
  private func getResource(
    _ request: GetResourceRequest, _ caller: Caller
  ) async throws(Refusal) -> GetResourceResponse {
    guard let scheduled = engine.catalogue.resource(request.resourceID) else {
      throw Refusal(.resourceNotFound, [.init("resource_id", request.resourceID)])
    }
    guard caller.reach.owns(scheduled.resource.sellerID) else { throw Refusal(.notOwner) }
    var response = GetResourceResponse()
    response.resource = scheduled.resource.message
    return response
  }

  @Sendable
  private func listResources(
    _ request: ListResourcesRequest, _ caller: Caller
  ) async throws(Refusal) -> ListResourcesResponse {
    let sellers = try caller.reach.sellers(named: request.sellerID)
    let page = try ListPage(
      engine.catalogue.resources.lazy.map(\.resource)
        .filter { sellers.isEmpty || sellers.contains($0.sellerID) },
      id: \.id, size: request.pageSize, token: request.pageToken,
      filter: "resources \(sellers.sorted().joined(separator: " "))")
    var response = ListResourcesResponse()
    response.resources = page.elements.map(\.message)
    response.nextPageToken = page.nextToken
    return response
  }

  @Sendable
  private func adjustStock(
    _ request: AdjustStockRequest, _ caller: Caller
  ) async throws(Refusal) -> AdjustStockResponse {
    let adjustment = Command.AdjustStock(
      resourceID: request.resourceID, delta: request.delta, requestID: request.requestID,
      scope: caller.reach.scope, actor: caller.subject, reason: request.reason)
    guard
      case .adjusted(let resource, let replayed) = try await engine.outcome(
        of: .adjustStock(adjustment), for: caller)
    else { throw Refusal(.internal) }
    var response = AdjustStockResponse()
    response.resource = resource.message
    response.replayed = replayed
    return response
  }

  @Sendable
  private func putProduct(
    _ request: PutProductRequest, _ caller: Caller
  ) async throws(Refusal) -> PutProductResponse {
    let put = Command.PutProduct(
      product: Capacity.Product(request.product ?? .init()),
      expectedVersion: request.expectedVersion, validateOnly: request.validateOnly,
      scope: caller.reach.scope, actor: caller.subject)
    guard
      case .product(let stored, let impact) = try await engine.outcome(
        of: .putProduct(put), for: caller)
    else { throw Refusal(.internal) }
    var response = PutProductResponse()
    response.product = stored.message
    response.impact = try await engine.complete(impact).message
    return response
  }

  @Sendable
  private func getProduct(
    _ request: GetProductRequest, _ caller: Caller
  ) async throws(Refusal) -> GetProductResponse {
    guard let product = engine.catalogue.product(request.productID) else {
      throw Refusal(.productNotFound, [.init("product_id", request.productID)])
    }
    guard caller.reach.owns(product.sellerID) else { throw Refusal(.notOwner) }
    var response = GetProductResponse()
    response.product = product.message
    return response
  }

  @Sendable
  private func listProducts(
    _ request: ListProductsRequest, _ caller: Caller
  ) async throws(Refusal) -> ListProductsResponse {
    let sellers = try caller.reach.sellers(named: request.sellerID)
    let page = try ListPage(
      engine.catalogue.products.lazy.filter { sellers.isEmpty || sellers.contains($0.sellerID) },
      id: \.id, size: request.pageSize, token: request.pageToken,
      filter: "products \(sellers.sorted().joined(separator: " "))")
    var response = ListProductsResponse()
    response.products = page.elements.map(\.message)
    response.nextPageToken = page.nextToken
    return response
  }

  @Sendable
  private static func setPause(
    _ request: SetPauseRequest, _ caller: Caller
  ) throws(Refusal) -> Command {
    let target: Command.SetPause.Target
    switch request.target {
    case .resourceID(let id)?: target = .resource(id)
    case .productID(let id)?: target = .product(id)
    // The rules of the fields ask for one of the two.
    case nil: throw Refusal(.internal)
    }
    return .setPause(
      Command.SetPause(
        target: target, paused: request.paused, scope: caller.reach.scope,
        actor: caller.subject, reason: request.reason))
  }

  @Sendable
  private static func paused(_ outcome: Outcome, _ caller: Caller) -> SetPauseResponse? {
    var response = SetPauseResponse()
    switch outcome {
    case .resource(let resource, _): response.version = resource.version
    case .product(let product, _): response.version = product.version
    default: return nil
    }
    return response
  }
}

extension Capacity.Impact {
  fileprivate var message: CupoSchema.Impact {
    var message = CupoSchema.Impact()
    message.reservationsAffected = reservationsAffected
    message.unitsOvercommitted = unitsOvercommitted
    message.slotsOvercommitted = slotsOvercommitted
    return message
  }
}
