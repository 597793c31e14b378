/// What a handler knows about the call besides the request.
struct Caller: Sendable {
  var principal: Principal
}
