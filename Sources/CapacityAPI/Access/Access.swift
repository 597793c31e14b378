internal import CupoSchema
internal import RPC

/// The one place where a caller gets an identity and is let in or turned away, before any handler runs.
struct Access: Sendable {
  /// Establishes who calls. Tokens and certificates will be read here.
  func principal(of context: CallContext) throws(Refusal) -> Principal {
    .anonymous
  }

  /// Lets in who has a role that the method's contract names; everybody else is turned away.
  func admit(_ context: CallContext, to contract: MethodContract) throws(Refusal) -> Principal {
    let principal = try principal(of: context)
    guard principal.has(oneOf: contract.roles) else { throw Refusal(.roleNotAllowed) }
    return principal
  }
}
