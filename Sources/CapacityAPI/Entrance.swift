internal import Protobuf
internal import RPC

/// What every call of one method passes on its way in and out, whatever its handler does.
struct Entrance: Sendable {
  let rule: AccessRule
  /// Sees what is the audit log's business.
  let witness: AuditWitness?
  let watch: AuditWitness.Watch
  /// Is told of calls that fail through the server's own fault.
  let log: Incident.Log

  /// Who has come with `request`.
  func caller(with request: some Message, _ context: CallContext) -> Caller {
    var caller = Caller(context, rule)
    caller.note = witness?.note(request, of: context, by: caller.principal, watch)
    return caller
  }

  /// The caller has got what it reads.
  func wasRead(by caller: Caller) {
    witness?.sawRead(caller.note, watch)
  }

  /// What the caller is told of `refusal`.
  func turnAway(_ caller: Caller, with request: some Message, _ refusal: Refusal) -> RPCError {
    witness?.sawRefusal(refusal, request, of: caller.context, by: caller, watch)
    return refusal.status(of: caller.context, log)
  }
}
