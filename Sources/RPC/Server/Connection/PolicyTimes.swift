/// ``ConnectionLimits`` in milliseconds.
struct PolicyTimes {
  let keepalive: Int64?
  let pong: Int64
  let age: Int64?
  let grace: Int64?
  let idle: Int64?
  let settings: Int64
  let headers: Int64
  let response: Int64
  let sweep: Int64
  let requestPeriods: UInt32
  let responsePeriods: UInt32

  init(_ limits: ConnectionLimits) {
    keepalive = limits.keepaliveInterval?.wholeMilliseconds
    pong = limits.keepaliveTimeout.wholeMilliseconds
    age = limits.ageMax?.wholeMilliseconds
    grace = limits.ageGrace?.wholeMilliseconds
    idle = limits.idleMax?.wholeMilliseconds
    settings = limits.settingsTimeout.wholeMilliseconds
    headers = limits.headersTimeout.wholeMilliseconds
    response = limits.responseStallTimeout.wholeMilliseconds
    let request = limits.requestStallTimeout.wholeMilliseconds
    let sweep = max(10, min(request, response) / 4)
    self.sweep = sweep
    requestPeriods = Self.periods(request, sweep)
    responsePeriods = Self.periods(response, sweep)
  }

  private static func periods(_ timeout: Int64, _ sweep: Int64) -> UInt32 {
    UInt32(clamping: (timeout + sweep - 1) / sweep)
  }
}
