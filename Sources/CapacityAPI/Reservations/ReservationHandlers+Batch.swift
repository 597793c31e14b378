internal import Capacity
internal import CapacityEngine
internal import CupoSchema
internal import RPC

// Many requests in one call: what is right goes to the lane together, what is not has its answer already.
extension ReservationHandlers {
  @Sendable
  func batchReserve(
    _ request: BatchReserveRequest, _ caller: Caller
  ) async throws(Refusal) -> BatchReserveResponse {
    var commands: [Command] = []
    commands.reserveCapacity(request.requests.count)
    let witness = AuditWitness(engine: engine)
    let watch = AuditWitness.Watch(caller.context.path, nil)
    let refusals = request.requests.map { item -> Refusal? in
      do throws(Refusal) {
        try ServiceRegistry.check(item.violations())
        commands.append(try Self.command(item, caller))
        return nil
      } catch {
        witness.sawRefusal(error, item, of: caller.context, by: caller, watch)
        return error
      }
    }
    var decided = try await engine.outcomes(of: commands, for: caller).makeIterator()
    var answer = BatchAnswer(
      count: refusals.count, language: caller.language, naming: engine.naming)
    for (item, refusal) in zip(request.requests, refusals) {
      if let refusal {
        answer.add(refusal)
      } else {
        switch decided.next() {
        case .reserved(let reservation, let replayed)?:
          answer.add(reservation, replayed: replayed)
        case .rejected(let rejection)?:
          let refusal = ErrorTable.refusal(for: rejection)
          witness.sawRefusal(refusal, item, of: caller.context, by: caller, watch)
          answer.add(refusal)
        default: answer.add(Refusal(.internal))
        }
      }
    }
    return answer.response
  }
}
