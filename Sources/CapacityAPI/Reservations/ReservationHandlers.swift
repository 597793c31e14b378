internal import Capacity
internal import CapacityEngine
internal import CupoSchema
internal import Protobuf

/// CapacityService: translates between the wire and the ledger's commands. It decides nothing.
struct ReservationHandlers: Sendable {
  let engine: Engine

  func register(in registry: inout ServiceRegistry) {
    registry.command(
      CapacityService.reserve, on: engine, rules: { $0.violations() }, Self.command, reserved)
    registry.unary(CapacityService.batchReserve, rules: { $0.violations() }, batchReserve)
    registry.command(
      CapacityService.consume, on: engine,
      rules: { $0.violations() + Self.repeatedLines($0.amounts) }, consume, consumed)
    registry.command(
      CapacityService.release, on: engine,
      rules: { $0.violations() + Self.repeatedLines($0.amounts) }, release, released)
    registry.command(
      CapacityService.extend, on: engine, rules: { $0.violations() }, extend, extended)
    registry.command(
      CapacityService.cancel, on: engine,
      rules: { $0.violations() + Self.repeatedLines($0.amounts) }, cancel, cancelled)
    registry.unary(
      CapacityService.listReservations, rules: { $0.violations() }, listReservations)
    registry.unary(CapacityService.getReservation, rules: { $0.violations() }, getReservation)
  }

  @Sendable
  static func command(_ request: ReserveRequest, _ caller: Caller) throws(Refusal) -> Command {
    let buyerID = try caller.buyer(named: request.buyerID)
    return .reserve(
      Command.Reserve(
        key: IdempotencyKey(buyerID: buyerID, key: request.idempotencyKey),
        lines: request.lines.map {
          Command.RequestedLine(
            productID: $0.productID, slot: $0.slot, quantity: Int64($0.quantity))
        },
        ttl: request.ttl.map(Interval.init), reference: request.reference,
        actor: caller.subject))
  }

  @Sendable
  private func reserved(_ outcome: Outcome, _ caller: Caller) -> ReserveResponse? {
    guard case .reserved(let reservation, let replayed) = outcome else { return nil }
    var response = ReserveResponse()
    response.reservation = reservation.message(engine.naming)
    response.replayed = replayed
    return response
  }

  @Sendable
  private func consume(_ request: ConsumeRequest, _ caller: Caller) throws(Refusal) -> Command {
    var resolve = try resolve(
      request.reservationID, request.amounts, request.requestID, caller)
    resolve.reacquire = request.reacquireIfExpired
    return .consume(resolve)
  }

  @Sendable
  private func consumed(_ outcome: Outcome, _ caller: Caller) -> ConsumeResponse? {
    guard case .consumed(let reservation, let replayed) = outcome else { return nil }
    var response = ConsumeResponse()
    response.reservation = reservation.message(engine.naming)
    response.outcome = reservation.reacquired ? .consumedAfterReacquire : .consumed
    response.replayed = replayed
    return response
  }

  @Sendable
  private func release(_ request: ReleaseRequest, _ caller: Caller) throws(Refusal) -> Command {
    var resolve = try resolve(
      request.reservationID, request.amounts, request.requestID, caller)
    resolve.reason = request.reason
    return .release(resolve)
  }

  @Sendable
  private func released(_ outcome: Outcome, _ caller: Caller) -> ReleaseResponse? {
    guard case .released(let reservation, let replayed) = outcome else { return nil }
    var response = ReleaseResponse()
    response.reservation = reservation.message(engine.naming)
    response.replayed = replayed
    return response
  }

  @Sendable
  private func getReservation(
    _ request: GetReservationRequest, _ caller: Caller
  ) async throws(Refusal) -> GetReservationResponse {
    let number =
      switch request.name {
      case .reservationID(let id)?: engine.naming.number(ofID: id)
      case .code(let code)?: engine.naming.number(ofCode: code)
      case nil: UInt64?.none
      }
    guard let number, let found = try await engine.reservation(number, for: caller),
      let reservation = caller.reach.shown(found)
    else { throw Refusal(.reservationNotFound) }
    var response = GetReservationResponse()
    response.reservation = reservation.message(engine.naming)
    return response
  }

  // "Each line once at most", which no rule of a single field can say.
  private static func repeatedLines(_ amounts: [CupoSchema.LineAmount]) -> [FieldViolation] {
    var seen: Set<UInt32> = []
    return amounts.indices.filter { !seen.insert(amounts[$0].line).inserted }.map {
      FieldViolation(
        field: "amounts[\($0)].line", description: "Line \(amounts[$0].line) is named before.")
    }
  }

  /// What Consume, Release and Cancel ask of a reservation. Without amounts a request id is of no effect: the state decides.
  func resolve(
    _ id: String, _ amounts: [CupoSchema.LineAmount], _ requestID: String, _ caller: Caller
  ) throws(Refusal) -> Command.Resolve {
    Command.Resolve(
      number: try number(id), scope: caller.reach.scope,
      amounts: amounts.map(Capacity.LineAmount.init), requestID: amounts.isEmpty ? "" : requestID,
      actor: caller.subject)
  }

  func number(_ id: String) throws(Refusal) -> UInt64 {
    guard let number = engine.naming.number(ofID: id) else { throw Refusal(.reservationNotFound) }
    return number
  }
}

extension Capacity.LineAmount {
  init(_ message: CupoSchema.LineAmount) {
    self.init(line: Int(message.line), quantity: Int64(message.quantity))
  }
}
