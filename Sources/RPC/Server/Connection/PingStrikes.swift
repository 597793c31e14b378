/// Judges the pings of a client as gRPC's servers do (gRPC proposal A8, server-side enforcement).
struct PingStrikes {
  private let intervalMin: Int64
  private let permitsWithoutCalls: Bool
  private let strikesMax: Int
  private var strikes = 0
  private var lastPing: Int64?
  private var answers = 0

  /// Without calls and without permission.
  private static let quietIntervalMin: Int64 = 7_200_000

  init(_ limits: ConnectionLimits) {
    intervalMin = limits.pingIntervalMin.wholeMilliseconds
    permitsWithoutCalls = limits.permitsPingsWithoutCalls
    strikesMax = limits.pingStrikesMax
  }

  /// A ping has come. Whoever gets answers may ping to measure the path: new ones forgive all.
  mutating func isTooMany(_ now: Int64, hasCalls: Bool, answers: Int) -> Bool {
    if answers != self.answers { (strikes, lastPing) = (0, nil) }
    self.answers = answers
    defer { lastPing = now }
    let interval = hasCalls || permitsWithoutCalls ? intervalMin : Self.quietIntervalMin
    if let lastPing, now - lastPing < interval { strikes += 1 }
    return strikes > strikesMax
  }
}
