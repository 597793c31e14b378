import CupoContract
import CupoSchema
import Protobuf
import RPC
import RPCSchema

/// Servers that are wrong on purpose: a suite that cannot fail is worthless.
enum LyingServer {
  /// Runs `body` against a server that answers every RPC with `answer`.
  static func run(
    _ answer: Lie, _ body: (ContractTarget) async throws -> Void
  ) async throws {
    var table = ServiceTable()
    add(to: &table, answer)
    let server = try await Server.start(ServerConfiguration(), table)
    do {
      try await body(ContractTarget(host: server.address.host, port: server.address.port))
    } catch {
      await server.drain(within: .seconds(1))
      throw error
    }
    await server.drain(within: .seconds(1))
  }

  /// What a wrong server says.
  enum Lie: Sendable {
    /// Success, with nothing in it.
    case emptySuccess
    /// Always this error.
    case error(RPCError)
    /// The right error for a violation of the rules, damaged by this.
    case rules(@Sendable (inout Status) -> Void)

    func response<Q: Message, R: Message>(
      _ request: Q, _ violations: (Q) -> [FieldViolation]
    ) throws(RPCError) -> R {
      switch self {
      case .emptySuccess: return R()
      case .error(let error): throw error
      case .rules(let damage):
        let found = violations(request)
        if found.isEmpty { return R() }
        throw LyingServer.error(found, damage)
      }
    }
  }

  private static func add(to table: inout ServiceTable, _ lie: Lie) {
    table.unary(CapacityService.reserve) { (request, _) async throws(RPCError) -> ReserveResponse in
      try lie.response(request) { $0.violations() }
    }
    table.unary(CapacityService.consume) { (request, _) async throws(RPCError) -> ConsumeResponse in
      try lie.response(request) { $0.violations() }
    }
    table.unary(CapacityService.getReservation) {
      (request, _) async throws(RPCError) -> GetReservationResponse in
      try lie.response(request) { $0.violations() }
    }
    table.unary(InventoryService.putResource) {
      (request, _) async throws(RPCError) -> PutResourceResponse in
      try lie.response(request) { $0.violations() }
    }
    table.serverStreaming(AvailabilityService.watchAvailability) {
      (request, _, _) async throws(RPCError) in
      let _: WatchAvailabilityResponse = try lie.response(request) { $0.violations() }
    }
  }

  static func error(
    _ violations: [FieldViolation], _ damage: (inout Status) -> Void
  ) -> RPCError {
    var (status, info, bad) = (Status(), ErrorInfo(), BadRequest())
    info.reason = "FIELD_VIOLATION"
    info.domain = "cupo"
    bad.fieldViolations = violations.map { found in
      var violation = BadRequest.FieldViolation()
      violation.field = found.field
      violation.description = found.description
      return violation
    }
    status.code = 3
    status.message = "Some of the details are not right."
    var text = LocalizedMessage()
    text.locale = "en"
    text.message = status.message
    status.details = [packed(info), packed(bad), packed(text)]
    damage(&status)
    return RPCError(
      code: StatusCode(rawValue: Int(status.code)) ?? .unknown, message: status.message,
      details: status.encoded())
  }

  static func packed<Detail: Message>(_ detail: Detail) -> ProtobufAny {
    var any = ProtobufAny()
    any.typeURL = "type.googleapis.com/\(Detail.fullName)"
    any.value = detail.encoded()
    return any
  }
}
