internal import CupoSchema
internal import Protobuf

// Calls that checks prepare with.
extension ContractRun {
  @discardableResult
  func put(_ resource: Resource, expecting version: UInt64 = 0) async throws(CheckFailure)
    -> Resource
  {
    var request = PutResourceRequest()
    request.resource = resource
    request.expectedVersion = version
    let response = try await caller.ok(InventoryService.putResource, request)
    guard let resource = response.resource else {
      throw CheckFailure(expected: "PutResource answers the resource", got: "none")
    }
    return resource
  }

  @discardableResult
  func put(_ product: Product, expecting version: UInt64 = 0) async throws(CheckFailure) -> Product
  {
    var request = PutProductRequest()
    request.product = product
    request.expectedVersion = version
    let response = try await caller.ok(InventoryService.putProduct, request)
    guard let product = response.product else {
      throw CheckFailure(expected: "PutProduct answers the product", got: "none")
    }
    return product
  }

  /// A new resource, and a product of the same id that draws one unit from it.
  func sell(
    _ resource: Resource, _ change: (inout Product) -> Void = { _ in }
  ) async throws(CheckFailure) -> String {
    try await put(resource)
    var product = product(resource.resourceID, of: [resource.resourceID])
    change(&product)
    try await put(product)
    return product.productID
  }

  /// A product with so many units in stock.
  func sellStock(
    _ units: UInt64, _ change: (inout Product) -> Void = { _ in }
  ) async throws(CheckFailure) -> String {
    try await sell(stock(fresh("stock"), units: units), change)
  }

  /// Reserves, which must succeed.
  func reserve(_ request: ReserveRequest) async throws(CheckFailure) -> ReserveResponse {
    let response = try await caller.ok(CapacityService.reserve, request)
    if response.reservation == nil {
      throw CheckFailure(expected: "Reserve answers the reservation", got: "none")
    }
    return response
  }

  /// A fresh reservation of so many units.
  func hold(
    _ productID: String, _ quantity: UInt32, slot: String = "", ttl: ProtobufDuration? = nil
  ) async throws(CheckFailure) -> Reservation {
    var request = request(productID, quantity, slot: slot)
    request.ttl = ttl
    return try await reserve(request).reservation ?? Reservation()
  }

  @discardableResult
  func consume(
    _ id: String, _ change: (inout ConsumeRequest) -> Void = { _ in }
  ) async throws(CheckFailure) -> ConsumeResponse {
    try await caller.ok(CapacityService.consume, Self.consumeRequest(id, change))
  }

  static func consumeRequest(
    _ id: String, _ change: (inout ConsumeRequest) -> Void = { _ in }
  ) -> ConsumeRequest {
    var request = ConsumeRequest()
    request.reservationID = id
    change(&request)
    return request
  }

  @discardableResult
  func release(
    _ id: String, _ change: (inout ReleaseRequest) -> Void = { _ in }
  ) async throws(CheckFailure) -> ReleaseResponse {
    try await caller.ok(CapacityService.release, Self.releaseRequest(id, change))
  }

  static func releaseRequest(
    _ id: String, _ change: (inout ReleaseRequest) -> Void = { _ in }
  ) -> ReleaseRequest {
    var request = ReleaseRequest()
    request.reservationID = id
    change(&request)
    return request
  }

  func read(_ id: String) async throws(CheckFailure) -> Reservation {
    var request = GetReservationRequest()
    request.name = .reservationID(id)
    let response = try await caller.ok(CapacityService.getReservation, request)
    guard let reservation = response.reservation else {
      throw CheckFailure(expected: "GetReservation answers the reservation", got: "none")
    }
    return reservation
  }

  func availability(
    _ productID: String, _ change: (inout GetAvailabilityRequest) -> Void = { _ in }
  ) async throws(CheckFailure) -> GetAvailabilityResponse {
    var request = GetAvailabilityRequest()
    request.productID = productID
    change(&request)
    return try await caller.ok(AvailabilityService.getAvailability, request)
  }

  /// The slot of a product without dates.
  func stockSlot(
    _ productID: String, quantity: UInt32 = 0
  ) async throws(CheckFailure) -> SlotAvailability {
    let response = try await availability(productID) { $0.quantity = quantity }
    guard response.slots.count == 1 else {
      throw CheckFailure(expected: "one slot for a stock", got: "\(response.slots.count)")
    }
    return response.slots[0]
  }

  /// Compares what is held and consumed of a product without dates.
  func expectCount(
    _ productID: String, held: Int64, consumed: Int64 = 0
  ) async throws(CheckFailure) {
    let slot = try await stockSlot(productID)
    try expect(
      slot.held == held && slot.consumed == consumed,
      "\(held) held and \(consumed) consumed",
      got: "\(slot.held) held and \(slot.consumed) consumed")
  }

  /// A date, so many days after the server's own, in UTC.
  func date(daysAhead days: Int64, of productID: String) async throws(CheckFailure) -> String {
    let now = try await availability(productID).asOf
    guard let now else { throw CheckFailure(expected: "as_of is set", got: "it is not") }
    return CalendarText.date(daysSince1970: now.seconds / 86_400 + days)
  }

  /// Lets time pass.
  func wait(_ duration: Duration) async throws(CheckFailure) {
    do {
      try await Task.sleep(for: duration)
    } catch {
      throw CheckFailure(expected: "time to wait \(duration)", got: "the check was stopped")
    }
  }
}
