internal import Load

/// What `cupo bench` prints.
struct BenchReport {
  /// One run.
  struct Run {
    var result: LoadResult
    /// Processor time of the server meanwhile, warm-up included, where it is this command's own.
    var serverSeconds: Double?
  }

  let workload: BenchWorkload
  let options: BenchCommand
  let runs: [Run]

  // Of the runs the one in the middle, by its rate: figures of one run belong together.
  private var median: Run { sorted[(runs.count - 1) / 2] }
  private var sorted: [Run] {
    runs.sorted { $0.result.requestsPerSecond < $1.result.requestsPerSecond }
  }

  var json: JSONValue {
    let result = median.result
    var members: [JSONValue.Member] = [
      .init("workload", .string(workload.rawValue)),
      .init("in_flight", .number("\(options.inFlight)")),
      .init("connections", .number("\(options.connectionsCount)")),
      .init("rate", options.rate.map { .number(Self.digits($0)) } ?? .null),
      .init("keys", .string(options.keys.rawValue)),
      .init("pools", .number("\(options.poolsCount)")),
      .init("seconds", .number(Self.digits(result.seconds))),
      .init("requests", .number("\(result.requests)")),
      .init("errors", .number("\(result.errors)")),
      .init("requests_per_second", .number(Self.digits(result.requestsPerSecond))),
      .init("calls", .number("\(result.calls)")),
    ]
    for (name, share) in Self.shares {
      let nanoseconds = result.latencies.value(atShare: share)
      members.append(.init("\(name)_ms", .number(Self.milliseconds(nanoseconds))))
    }
    members += [
      .init("max_ms", .number(Self.milliseconds(result.latencies.max))),
      .init("runs", .number("\(runs.count)")),
      .init(
        "requests_per_second_min", .number(Self.digits(sorted[0].result.requestsPerSecond))),
      .init(
        "requests_per_second_max",
        .number(Self.digits(sorted[runs.count - 1].result.requestsPerSecond))),
      .init("successes", .number("\(runs.reduce(0) { $0 + $1.result.successesInAll })")),
      .init("generator_cpu_seconds", .number(Self.digits(result.generatorSeconds))),
      .init("server_cpu_seconds", median.serverSeconds.map { .number(Self.digits($0)) } ?? .null),
      .init("first_error", result.firstError.map { .string($0) } ?? .null),
    ]
    if let deadline = options.deadline {
      members += [
        .init("deadline_ms", .number("\(deadline.milliseconds)")),
        .init("in_time_per_second", .number(Self.digits(result.goodput))),
        .init("refused", .number("\(result.refused)")),
        .init("late", .number("\(result.late)")),
        .init("unsent", .number("\(result.unsent)")),
      ]
    }
    return .object(members)
  }

  func lines(on terminal: Terminal) -> [String] {
    var table = TextTable()
    let head =
      ["run", "requests/s", "errors"] + Self.shares.map(\.name) + [
        "max", "generator CPU", "server CPU",
      ]
    table.append(head.map { .init($0, isRight: true) })
    for (index, run) in runs.enumerated() {
      table.append(row("\(index + 1)", run))
    }
    if runs.count > 1 { table.append(row("median", median)) }
    let loop = options.rate.map { "open loop, \(Self.digits($0)) calls/s" } ?? "closed loop"
    var lines = [
      "\(workload.rawValue): \(workload.meaning(pools: options.poolsCount))",
      "\(options.inFlight) in flight on \(options.connectionsCount) connections, \(loop), "
        + "\(options.keys.rawValue) keys; latencies in ms, to 0.8 %",
    ]
    lines += table.lines(on: terminal)
    if options.deadline != nil {
      let result = median.result
      lines.append(
        "in time: \(Self.digits(result.goodput))/s; refused \(result.refused), late \(result.late), without room "
          + "\(result.unsent)")
    }
    if let error = median.result.firstError { lines.append("first error: \(error)") }
    return lines
  }

  private func row(_ name: String, _ run: Run) -> [TextTable.Cell] {
    let result = run.result
    let latencies = Self.shares.map { Self.milliseconds(result.latencies.value(atShare: $0.share)) }
    let texts =
      [name, "\(Int(result.requestsPerSecond.rounded()))", "\(result.errors)"] + latencies
      + [Self.milliseconds(result.latencies.max), "\(Self.digits(result.generatorSeconds)) s"]
      + [run.serverSeconds.map { "\(Self.digits($0)) s" } ?? "-"]
    return texts.map { .init($0, isRight: true) }
  }

  private static let shares = [
    (name: "p50", share: 0.5), (name: "p90", share: 0.9), (name: "p99", share: 0.99),
    (name: "p999", share: 0.999),
  ]

  private static func milliseconds(_ nanoseconds: UInt64) -> String {
    digits((Double(nanoseconds) / 1e6 * 1_000).rounded() / 1_000)
  }

  private static func digits(_ value: Double) -> String {
    let text = "\((value * 1_000).rounded() / 1_000)"
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }
}
