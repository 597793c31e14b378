import CupoSchema
import Protobuf
import RPC
import RPCSchema
import Testing

/// Calls as a client writes them.
extension House {
  @discardableResult
  func reserve(
    _ product: String, _ quantity: UInt32 = 1, slot: String = "", key: String? = nil,
    ttl: Int64 = 60, language: String? = nil, timeout: Duration? = nil
  ) async throws(RPCError) -> ReserveResponse {
    var request = ReserveRequest()
    request.idempotencyKey = key ?? "k\(UInt64.random(in: 0...UInt64.max))"
    request.lines = [Line()]
    request.lines[0].productID = product
    request.lines[0].slot = slot
    request.lines[0].quantity = quantity
    request.ttl = ProtobufDuration(seconds: ttl, nanos: 0)
    request.buyerID = "bea"
    var metadata = Metadata()
    if let language { metadata.append("accept-language", language) }
    return try await client.unary(
      CapacityService.reserve, request, metadata: metadata, timeout: timeout)
  }

  func consume(
    _ id: String, amount: UInt32 = 0, requestID: String = "", reacquire: Bool = false
  ) async throws(RPCError) -> ConsumeResponse {
    var request = ConsumeRequest()
    request.reservationID = id
    request.requestID = requestID
    request.reacquireIfExpired = reacquire
    if amount > 0 {
      request.amounts = [LineAmount()]
      request.amounts[0].quantity = amount
    }
    return try await client.unary(CapacityService.consume, request)
  }

  @discardableResult
  func release(
    _ id: String, timeout: Duration? = nil
  ) async throws(RPCError) -> ReleaseResponse {
    var request = ReleaseRequest()
    request.reservationID = id
    return try await client.unary(CapacityService.release, request, timeout: timeout)
  }

  func availability(
    _ product: String, from: String = "", to: String = "", quantity: UInt32 = 0,
    pageSize: UInt32 = 0, pageToken: String = ""
  ) async throws(RPCError) -> GetAvailabilityResponse {
    var request = GetAvailabilityRequest()
    request.productID = product
    request.fromDate = from
    request.toDate = to
    request.quantity = quantity
    request.pageSize = pageSize
    request.pageToken = pageToken
    return try await client.unary(AvailabilityService.getAvailability, request)
  }

  func watch(
    _ products: [String], from: String = "", to: String = "", token: [UInt8] = []
  ) async throws(RPCError) -> Mirror {
    var request = WatchAvailabilityRequest()
    request.productIDs = products
    request.fromDate = from
    request.toDate = to
    request.resumeToken = token
    return Mirror(
      try await client.serverStreaming(AvailabilityService.watchAvailability, request)
        .makeAsyncIterator())
  }
}

/// What a watcher knows: the latest of each slot.
struct Mirror {
  var slots: [String: SlotAvailability] = [:]
  var token: [UInt8] = []
  /// The slots of every delta so far.
  var told: [String] = []
  var messages = 0
  private var stream: ResponseStream<WatchAvailabilityResponse>.Iterator

  init(_ stream: ResponseStream<WatchAvailabilityResponse>.Iterator) {
    self.stream = stream
  }

  /// Takes one message; nil: the stream ended.
  @discardableResult
  mutating func next() async throws(RPCError) -> WatchAvailabilityResponse.Kind? {
    guard let response = try await stream.next() else { return nil }
    messages += 1
    for slot in response.slots {
      let name = "\(slot.productID) \(slot.slot)"
      slots[name] = slot.removed ? nil : slot
      if response.kind == .delta { told.append(name) }
    }
    if !response.resumeToken.isEmpty { token = response.resumeToken }
    return response.kind
  }

  mutating func snapshot() async throws(RPCError) {
    while try await next() != .snapshotEnd {}
  }

  /// Takes messages until `condition` holds.
  mutating func until(_ condition: (Mirror) -> Bool) async throws(RPCError) {
    while !condition(self) {
      guard try await next() != nil else { return }
    }
  }
}

/// An error as a client takes it apart.
struct Told {
  var code: StatusCode
  var reason = ""
  var metadata: [String: String] = [:]
  var text = ""
  var fields: [String] = []
  var preconditions: [String] = []
  var retryAfter: Int64?
  private(set) var infosCount = 0

  init(_ error: RPCError) throws {
    code = error.code
    let status = try Status(decoding: error.details.span)
    #expect(status.code == Int32(error.code.rawValue))
    for detail in status.details {
      switch detail.typeURL {
      case "type.googleapis.com/google.rpc.ErrorInfo":
        let info = try ErrorInfo(decoding: detail.value.span)
        infosCount += 1
        reason = info.reason
        #expect(info.domain == "cupo")
        for entry in info.metadata { metadata[entry.key] = entry.value }
      case "type.googleapis.com/google.rpc.LocalizedMessage":
        text = try LocalizedMessage(decoding: detail.value.span).message
      case "type.googleapis.com/google.rpc.BadRequest":
        fields = try BadRequest(decoding: detail.value.span).fieldViolations.map(\.field)
      case "type.googleapis.com/google.rpc.PreconditionFailure":
        preconditions = try PreconditionFailure(decoding: detail.value.span).violations.map(
          \.subject)
      case "type.googleapis.com/google.rpc.RetryInfo":
        let delay = try RetryInfo(decoding: detail.value.span).retryDelay
        retryAfter = delay.map { $0.seconds * 1000 + Int64($0.nanos) / 1_000_000 }
      default: Issue.record("an unknown detail \(detail.typeURL)")
      }
    }
    #expect(infosCount == 1)
  }
}

/// The error that `call` ends with.
func told(_ call: () async throws -> Void) async throws -> Told {
  do {
    try await call()
  } catch let error as RPCError {
    return try Told(error)
  }
  Issue.record("the call succeeded")
  throw RPCError(code: .unknown, message: "the call succeeded")
}

extension House {
  /// Reserves and expects to be told `reason`.
  func reserve(
    _ product: String, _ quantity: UInt32 = 1, slot: String = "", key: String? = nil,
    told reason: String, _ code: StatusCode
  ) async throws {
    let error = try await CapacityAPITests.told {
      try await reserve(product, quantity, slot: slot, key: key)
    }
    #expect(error.reason == reason && error.code == code, "\(product) \(slot)")
    #expect((error.retryAfter != nil) == (code == .unavailable))
  }

  func found(id: String) async throws(RPCError) -> Reservation? {
    var request = GetReservationRequest()
    request.name = .reservationID(id)
    return try await client.unary(CapacityService.getReservation, request).reservation
  }

  func found(code: String) async throws(RPCError) -> Reservation? {
    var request = GetReservationRequest()
    request.name = .code(code)
    return try await client.unary(CapacityService.getReservation, request).reservation
  }
}
