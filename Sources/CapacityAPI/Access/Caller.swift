internal import RPC

/// What a handler knows about the call besides the request.
struct Caller: Sendable {
  var principal: Principal
  /// Whether the caller takes messages that are compressed by gzip.
  private(set) var acceptsGzip = false
  /// What can be said about the answer besides messages; nil outside of a call.
  private(set) var reply: ReplyOptions?

  init(principal: Principal) {
    self.principal = principal
  }

  /// Who the access check has let in; every call passes it.
  init(_ context: CallContext) {
    guard let principal = context.principal as? Principal else {
      preconditionFailure("\(context.path) was not checked")
    }
    self.init(principal: principal)
    acceptsGzip = context.acceptsGzip
    reply = context.reply
  }
}
