internal import RPC

/// What a handler knows about the call besides the request.
struct Caller: Sendable {
  var principal: Principal

  init(principal: Principal) {
    self.principal = principal
  }

  /// Who the access check has let in; every call passes it.
  init(_ context: CallContext) {
    guard let principal = context.principal as? Principal else {
      preconditionFailure("\(context.path) was not checked")
    }
    self.init(principal: principal)
  }
}
