import Foundation

/// What is left of a server at several times the load that it can carry: how much it still gets done, how late, and in how much memory.
struct Overload {
  let shop: Shop
  /// The server's process, whose memory is looked at; nil: nobody's.
  let process: Int32?
  let deadline: Duration
  let factor: Double
  let seconds: Int
  let connections: Int
  /// Calls that the server lets one connection have open.
  let streams: Int

  /// - Returns: whether it holds: over 80 % of the peak, and the p99 of what was answered under the deadline.
  func run() async throws -> Bool {
    var peak = 0.0
    var plan = OpenLoad.Plan(
      address: shop.address, token: shop.token, connections: connections, streams: streams,
      deadline: deadline, length: .seconds(2))
    for inFlight in [32, 64, 128, 256, 512] {
      plan.inFlight = inFlight
      let result = try await OpenLoad.run(plan, makeBody: shop.body.next)
      peak = max(peak, result.goodput(within: deadline))
    }
    let before = memory("VmRSS")
    plan.callsPerSecond = peak * factor
    plan.length = .seconds(seconds)
    let result = try await OpenLoad.run(plan, makeBody: shop.body.next)
    let goodput = result.goodput(within: deadline)
    let (p50, p99) = (result.percentile(0.5), result.percentile(0.99))
    print("peak goodput: \(Int(peak))/s")
    print(
      "offered: \(Int(peak * factor))/s (\(factor) times) for \(seconds) s over \(connections) connections of \(streams) calls, "
        + "deadline \(Self.milliseconds(deadline))")
    print("goodput: \(Int(goodput))/s, \(Int(goodput / peak * 100)) % of the peak")
    print(
      "accepted: p50 \(Self.milliseconds(p50)), p99 \(Self.milliseconds(p99)); refused \(result.refused), "
        + "past their deadline \(result.late), without room to be sent \(result.unsent), others \(result.others)"
    )
    print("memory: \(before) before, \(memory("VmRSS")) after, \(memory("VmHWM")) at most")
    (plan.callsPerSecond, plan.inFlight, plan.length) = (nil, 64, .seconds(2))
    let after = try await OpenLoad.run(plan, makeBody: shop.body.next)
    print("a moment later, 64 at a time: \(Int(after.goodput(within: deadline)))/s")
    return goodput > 0.8 * peak && p99 < deadline && result.others == 0
  }

  private func memory(_ name: String) -> String {
    guard let process,
      let status = try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8),
      let line = status.split(separator: "\n").first(where: { $0.hasPrefix(name) }),
      let kilobytes = line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap({
        Int($0)
      })
    else { return "unknown" }
    return "\(kilobytes / 1_024) MiB"
  }

  private static func milliseconds(_ duration: Duration) -> String {
    "\(Int(duration / .milliseconds(1))) ms"
  }
}
