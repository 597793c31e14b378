internal import Capacity
internal import CapacityEngine
internal import CupoSchema
internal import Protobuf

// What may become of a hold or a sale later: more time, or a refund.
extension ReservationHandlers {
  @Sendable
  func extend(
    _ request: ExtendRequest, _ caller: Caller
  ) async throws(Refusal) -> ExtendResponse {
    guard let ttl = request.ttl.map(Interval.init) else { throw Refusal(.internal) }
    let command = Command.Extend(
      number: try number(request.reservationID), scope: caller.reach.scope, ttl: ttl,
      requestID: request.requestID, actor: caller.subject)
    guard
      case .extended(let reservation, let replayed) = try await execute(.extend(command), caller)
    else { throw Refusal(.internal) }
    var response = ExtendResponse()
    response.reservation = reservation.message(engine.naming)
    response.replayed = replayed
    return response
  }

  @Sendable
  func cancel(
    _ request: CancelRequest, _ caller: Caller
  ) async throws(Refusal) -> CancelResponse {
    let command = Command.Resolve(
      number: try number(request.reservationID), scope: caller.reach.scope,
      amounts: request.amounts.map(Capacity.LineAmount.init),
      requestID: Self.requestID(request.requestID, request.amounts),
      actor: caller.subject, reason: request.reason)
    guard case .cancelled(let whole, let replayed) = try await execute(.cancel(command), caller),
      let reservation = caller.reach.shown(whole)
    else { throw Refusal(.internal) }
    var response = CancelResponse()
    response.reservation = reservation.message(engine.naming)
    response.replayed = replayed
    return response
  }
}
