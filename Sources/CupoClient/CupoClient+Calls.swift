package import CupoSchema

extension CupoClient {
  // MARK: Reservations

  /// Holds units: all lines or none.
  package func reserve(_ request: ReserveRequest) async throws(CupoError) -> ReserveResponse {
    try await call(CapacityService.reserve, request)
  }

  /// Holds units for many requests, each with an outcome of its own.
  package func batchReserve(
    _ request: BatchReserveRequest
  ) async throws(CupoError) -> BatchReserveResponse {
    try await call(CapacityService.batchReserve, request)
  }

  /// Turns what is held into a sale.
  package func consume(_ request: ConsumeRequest) async throws(CupoError) -> ConsumeResponse {
    try await call(CapacityService.consume, request)
  }

  /// Gives back what is held.
  package func release(_ request: ReleaseRequest) async throws(CupoError) -> ReleaseResponse {
    try await call(CapacityService.release, request)
  }

  /// Moves the timer of a hold.
  package func extend(_ request: ExtendRequest) async throws(CupoError) -> ExtendResponse {
    try await call(CapacityService.extend, request)
  }

  /// Returns what was sold.
  package func cancel(_ request: CancelRequest) async throws(CupoError) -> CancelResponse {
    try await call(CapacityService.cancel, request)
  }

  /// Reads one reservation, by its id or its code.
  package func getReservation(
    _ request: GetReservationRequest
  ) async throws(CupoError) -> GetReservationResponse {
    try await call(CapacityService.getReservation, request)
  }

  /// Lists reservations, newest first.
  package func listReservations(
    _ request: ListReservationsRequest
  ) async throws(CupoError) -> ListReservationsResponse {
    try await call(CapacityService.listReservations, request)
  }

  // MARK: Availability

  /// Lists the dates or slots of a product.
  package func getAvailability(
    _ request: GetAvailabilityRequest
  ) async throws(CupoError) -> GetAvailabilityResponse {
    try await call(AvailabilityService.getAvailability, request)
  }

  /// Sums up the days of a product.
  package func getCalendar(
    _ request: GetCalendarRequest
  ) async throws(CupoError) -> GetCalendarResponse {
    try await call(AvailabilityService.getCalendar, request)
  }

  /// Checks many products and slots at one instant.
  package func batchGetAvailability(
    _ request: BatchGetAvailabilityRequest
  ) async throws(CupoError) -> BatchGetAvailabilityResponse {
    try await call(AvailabilityService.batchGetAvailability, request)
  }

  /// All that stands in the way of a sale.
  package func explainAvailability(
    _ request: ExplainAvailabilityRequest
  ) async throws(CupoError) -> ExplainAvailabilityResponse {
    try await call(AvailabilityService.explainAvailability, request)
  }

  /// A snapshot, then what changes, without end: cancel the task that reads it to stop.
  package func watchAvailability(
    _ request: WatchAvailabilityRequest
  ) async throws(CupoError) -> Messages<WatchAvailabilityResponse> {
    Messages(try await stream(AvailabilityService.watchAvailability, request))
  }

  // MARK: Inventory

  /// Creates a resource or replaces it whole.
  package func putResource(
    _ request: PutResourceRequest
  ) async throws(CupoError) -> PutResourceResponse {
    try await call(InventoryService.putResource, request)
  }

  /// Reads one resource.
  package func getResource(
    _ request: GetResourceRequest
  ) async throws(CupoError) -> GetResourceResponse {
    try await call(InventoryService.getResource, request)
  }

  /// Adds to, or takes from, the total of a stock.
  package func adjustStock(
    _ request: AdjustStockRequest
  ) async throws(CupoError) -> AdjustStockResponse {
    try await call(InventoryService.adjustStock, request)
  }

  /// Creates a product or replaces it whole.
  package func putProduct(
    _ request: PutProductRequest
  ) async throws(CupoError) -> PutProductResponse {
    try await call(InventoryService.putProduct, request)
  }

  /// Reads one product.
  package func getProduct(
    _ request: GetProductRequest
  ) async throws(CupoError) -> GetProductResponse {
    try await call(InventoryService.getProduct, request)
  }

  /// Reads one page of the resources, in order of their ids.
  package func listResources(
    _ request: ListResourcesRequest
  ) async throws(CupoError) -> ListResourcesResponse {
    try await call(InventoryService.listResources, request)
  }

  /// Reads one page of the products, in order of their ids.
  package func listProducts(
    _ request: ListProductsRequest
  ) async throws(CupoError) -> ListProductsResponse {
    try await call(InventoryService.listProducts, request)
  }

  /// Stops sales of a resource or product, or lets them go on.
  package func setPause(_ request: SetPauseRequest) async throws(CupoError) -> SetPauseResponse {
    try await call(InventoryService.setPause, request)
  }

  // MARK: Events

  /// What is stored behind the token, then what happens, without end: cancel the task that reads it to stop.
  package func watchEvents(
    _ request: WatchEventsRequest
  ) async throws(CupoError) -> Messages<WatchEventsResponse> {
    Messages(try await stream(EventService.watchEvents, request))
  }

  /// A page of the audit log, the oldest entries first.
  package func listAuditEntries(
    _ request: ListAuditEntriesRequest
  ) async throws(CupoError) -> ListAuditEntriesResponse {
    try await call(AuditService.listAuditEntries, request)
  }

  /// Follows the audit log.
  package func watchAuditEntries(
    _ request: WatchAuditEntriesRequest
  ) async throws(CupoError) -> Messages<WatchAuditEntriesResponse> {
    Messages(try await stream(AuditService.watchAuditEntries, request))
  }
}
