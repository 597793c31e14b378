import Foundation

/// What is left of a server at several times the load that it can carry: how much it still gets done, how late, and in how much memory.
struct Overload {
  let bench: Bench
  /// The server's process, whose memory is looked at; nil: nobody's.
  let process: Int32?
  let deadline: Duration
  let factor: Double
  let seconds: Int
  let connections: Int

  /// - Returns: whether it holds: over 80 % of the peak, and the p99 of what was answered under the deadline.
  func run() async throws -> Bool {
    var peak = 0.0
    for streams in [64, 256, 1_000, 256, 1_000] {
      peak = max(peak, try await bench.rate(count: max(2_000, Int(peak)), streams: streams))
    }
    let before = memory("VmRSS")
    let plan = OpenLoad.Plan(
      address: bench.address, token: bench.token, connections: connections,
      callsPerSecond: peak * factor, deadline: deadline, length: .seconds(seconds))
    let result = try await OpenLoad.run(plan, makeBody: bench.body().next)
    let goodput = result.goodput(within: deadline)
    let (p50, p99) = (result.percentile(0.5), result.percentile(0.99))
    print("peak goodput: \(Int(peak))/s")
    print(
      "offered: \(Int(plan.callsPerSecond))/s (\(factor) times) for \(seconds) s over \(connections) connections, "
        + "deadline \(Self.milliseconds(deadline))")
    print("goodput: \(Int(goodput))/s, \(Int(goodput / peak * 100)) % of the peak")
    print(
      "accepted: p50 \(Self.milliseconds(p50)), p99 \(Self.milliseconds(p99)); refused \(result.refused), "
        + "past their deadline \(result.late), without room to be sent \(result.unsent), others \(result.others)"
    )
    print("memory: \(before) before, \(memory("VmRSS")) after, \(memory("VmHWM")) at most")
    let after = try await bench.rate(count: max(2_000, Int(peak)), streams: 256)
    print("a moment later: \(Int(after))/s")
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
