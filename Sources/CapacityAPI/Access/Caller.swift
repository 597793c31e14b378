internal import Capacity
internal import CupoSchema
internal import Identity
internal import RPC

/// What a handler knows about the call besides the request.
struct Caller: Sendable {
  let principal: Principal
  /// Whose things the call may touch.
  let reach: Reach
  /// The call itself.
  let context: CallContext
  /// What the audit log is to say, should a command of the call change something; nil: nothing.
  var note: AuditNote?

  /// Who the gate has let in by `rule`; every call passes it.
  init(_ context: CallContext, _ rule: AccessRule) {
    guard let principal = context.principal as? Principal, let reach = rule.reach(of: principal)
    else { preconditionFailure("\(context.path) was not checked") }
    self.principal = principal
    self.reach = reach
    self.context = context
  }

  /// Whether the caller takes messages that are compressed by gzip.
  var acceptsGzip: Bool { context.acceptsGzip }

  /// When the caller stops waiting; nil: it does not say.
  var deadline: ContinuousClock.Instant? { context.deadline }

  /// What can be said about the answer besides messages.
  var reply: ReplyOptions { context.reply }

  /// How logs and events name the caller.
  var subject: String { principal.subject }

  /// What the call asks texts for people in.
  var language: Language { Language(acceptLanguage: context.metadata["accept-language"]) }

  func has(oneOf roles: Role...) -> Bool {
    !principal.roles.isDisjoint(with: RoleSet(roles))
  }

  /// For whom this caller reserves, where it names `named` or nobody.
  func buyer(named: String) throws(Refusal) -> String {
    guard reach.isUnbound else {
      guard named.isEmpty || named == reach.buyerID else { throw Refusal(.notOwner) }
      return principal.subject
    }
    guard named.isEmpty else { return named }
    // What checkout forgets to say must not become a buyer called checkout.
    guard has(oneOf: .buyer, .admin) else {
      throw .violation("buyer_id", "Required of CHECKOUT, which reserves for others.")
    }
    return principal.subject
  }

  /// Whether this caller may ask about this buyer.
  func mayName(buyer named: String) -> Bool {
    named.isEmpty || named == reach.buyerID
      || has(oneOf: .checkout, .worker, .support, .finance, .admin)
  }
}
