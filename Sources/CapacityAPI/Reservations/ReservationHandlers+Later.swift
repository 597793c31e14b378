internal import Capacity
internal import CapacityEngine
internal import CupoSchema
internal import Protobuf

// What may become of a hold or a sale later: more time, or a refund.
extension ReservationHandlers {
  @Sendable
  func extend(_ request: ExtendRequest, _ caller: Caller) throws(Refusal) -> Command {
    guard let ttl = request.ttl.map(Interval.init) else { throw Refusal(.internal) }
    return .extend(
      Command.Extend(
        number: try number(request.reservationID), scope: caller.reach.scope, ttl: ttl,
        requestID: request.requestID, actor: caller.subject))
  }

  @Sendable
  func extended(_ outcome: Outcome, _ caller: Caller) -> ExtendResponse? {
    guard case .extended(let reservation, let replayed) = outcome else { return nil }
    var response = ExtendResponse()
    response.reservation = reservation.message(engine.naming)
    response.replayed = replayed
    return response
  }

  @Sendable
  func cancel(_ request: CancelRequest, _ caller: Caller) throws(Refusal) -> Command {
    var resolve = try resolve(
      request.reservationID, request.amounts, request.requestID, caller)
    resolve.reason = request.reason
    return .cancel(resolve)
  }

  @Sendable
  func cancelled(_ outcome: Outcome, _ caller: Caller) -> CancelResponse? {
    guard case .cancelled(let whole, let replayed) = outcome,
      let reservation = caller.reach.shown(whole)
    else { return nil }
    var response = CancelResponse()
    response.reservation = reservation.message(engine.naming)
    response.replayed = replayed
    return response
  }
}
