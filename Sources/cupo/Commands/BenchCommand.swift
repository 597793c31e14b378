internal import ArgumentParser
internal import CupoClient
internal import Load
internal import RPC

struct BenchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Measure a server: calls at once, or at a steady rate, and how long they take.",
    discussion: """
      Workloads:
      \(BenchWorkload.allCases.map { "  \($0.rawValue)  \($0.meaning(pools: $0.poolsDefault))" }.joined(separator: "\n"))

      Without --target it starts a server of its own, on SQLite in a temporary folder with every commit synced, and \
      stops it at the end. With it, what it puts and reserves stays there.

      Without --rate each answer is followed by the next call. With it calls go at that rate whether or not answers \
      come, and their time begins when they were meant to go. The generator takes its part of the machine; its \
      processor time is told. Compare runs side by side: figures of one machine are noise on another.
      """)

  enum Keys: String, CaseIterable, ExpressibleByArgument {
    case time, random
  }

  @Argument(help: "What to measure: see above.")
  var workload: BenchWorkload

  @Option(
    help: """
      The server, HOST:PORT or unix:PATH, without TLS; also by the environment variable CUPO_TARGET. Absent: a server of \
      its own.
      """)
  var target: String?

  @OptionGroup(title: "Identity")
  var identity: OwnKeyOptions

  @OptionGroup(title: "Pools and reservations")
  var shop: BenchShopOptions

  @Option(help: "Calls at once over all connections, 1 to 100,000; for watch how many watches.")
  var inFlight = 64

  @Option(
    help:
      "Connections, each with its part of the calls, at most 1,000. Absent: 8, or one for each call."
  )
  var connections: Int?

  @Option(help: "How long calls count.")
  var duration = DurationArgument(milliseconds: 10_000)

  @Option(help: "How long calls go before that.")
  var warmUp = DurationArgument(milliseconds: 2_000)

  @Option(help: "Calls each second (an open loop). Absent: as many as are answered; for watch 100.")
  var rate: Double?

  @Option(
    help: """
      How long callers wait, sent with each call; tells what was in time. With --rate, who finds no room when it comes \
      does not wait for any.
      """)
  var deadline: DurationArgument?

  @Option(help: "The order of idempotency keys: time (UUIDv7) or random (UUIDv4).")
  var keys = Keys.time

  @Option(help: "How many times to measure; the run in the middle is told, and the spread.")
  var runs = 1

  @Flag(help: "Answer in JSON: one object.")
  var json = false

  private static let streamsMax = 1_000

  private var server: String? { target ?? Environment["CUPO_TARGET"] }

  var connectionsCount: Int { connections ?? min(8, inFlight) }

  var poolsCount: Int { shop.pools(of: workload) }

  func validate() throws {
    try shop.validate(for: workload)
    if let server, Endpoint(server) == nil {
      throw ValidationError("'\(server)' is no address: --target takes HOST:PORT or unix:PATH.")
    }
    guard (1...100_000).contains(inFlight) else {
      throw ValidationError("--in-flight is between 1 and 100000.")
    }
    guard (1...min(inFlight, 10_000)).contains(connectionsCount) else {
      throw ValidationError("--connections is between 1 and --in-flight, and 10000 at most.")
    }
    guard (inFlight + connectionsCount - 1) / connectionsCount <= Self.streamsMax else {
      throw ValidationError(
        "One connection takes \(Self.streamsMax) calls at once: \(inFlight) need more --connections."
      )
    }
    guard (100...3_600_000).contains(duration.milliseconds) else {
      throw ValidationError("--duration is between 100ms and 1h.")
    }
    guard (0...600_000).contains(warmUp.milliseconds) else {
      throw ValidationError("--warm-up is between 0s and 10m.")
    }
    if let deadline, !(1...3_600_000).contains(deadline.milliseconds) {
      throw ValidationError("--deadline is between 1ms and 1h.")
    }
    if let rate, !(rate > 0 && rate <= 10_000_000) {
      throw ValidationError("--rate is more than 0, and 10000000 at most.")
    }
    guard (1...100).contains(runs) else { throw ValidationError("--runs is between 1 and 100.") }
  }

  func run() async throws {
    try await Reporting.run(json: json) {
      do {
        let report = try await measure()
        for line in json ? [report.json.pretty] : report.lines(on: .standard) {
          Terminal.write(line)
        }
      } catch let error as CupoError {
        throw Failure(error, language: "en")
      } catch let failure as LoadFailure {
        throw Failure(.unavailable, failure.text)
      }
    }
  }

  private func measure() async throws -> BenchReport {
    guard let target = server else {
      let server = try await BenchServer.start()
      defer { server.stop() }
      return try await measure(server.endpoint, try await server.token(), server)
    }
    guard let endpoint = Endpoint(target) else { throw Failure(.usage, "no address: \(target)") }
    return try await measure(
      endpoint, try await identity.token(to: endpoint, own: BenchServer.token), nil)
  }

  private func measure(
    _ endpoint: Endpoint, _ token: String?, _ server: BenchServer?
  ) async throws -> BenchReport {
    FileDescriptors.raiseLimit()
    let client = try await connect(endpoint, token)
    do {
      let run = BenchRun(
        workload, client, endpoint, plan(endpoint, token), hasRandomKeys: keys == .random, shop)
      try await run.shop.open(for: workload)
      let taken = try await run.takenBefore()
      var results: [BenchReport.Run] = []
      for _ in 0..<runs {
        let before = server?.seconds
        let result = try await run.once()
        let after = server?.seconds
        let seconds = before.flatMap { before in after.map { $0 - before } }
        results.append(.init(result: result, serverSeconds: seconds))
      }
      try await run.check(results.map(\.result), takenBefore: taken)
      await client.close()
      return BenchReport(workload: workload, options: self, runs: results)
    } catch {
      await client.close()
      throw error
    }
  }

  private func plan(_ endpoint: Endpoint, _ token: String?) -> LoadPlan {
    let address: LoadPlan.Address =
      if let path = Authority.socketPath(endpoint.host) { .socket(path) } else {
        .host(endpoint.host, port: endpoint.port)
      }
    var plan = LoadPlan(address: address, paths: [], token: token) { RepeatedCalls([]) }
    plan.inFlight = inFlight
    plan.connections = connectionsCount
    plan.warmUp = warmUp.duration
    plan.duration = duration.duration
    plan.ratePerSecond = rate
    plan.deadline = deadline?.duration
    return plan
  }

  private func connect(_ endpoint: Endpoint, _ token: String?) async throws -> CupoClient {
    var configuration = CupoClient.Configuration()
    // What the preparation of many pools takes on a slow store is none of the measurement's matter.
    configuration.timeout = .seconds(30)
    configuration.metadata = {
      var metadata = Metadata()
      if let token { metadata.append("authorization", "Bearer \(token)") }
      return metadata
    }
    do throws(CupoError) {
      return try await CupoClient.connect(to: endpoint, configuration: configuration)
    } catch {
      throw Failure.cannotConnect(endpoint, error)
    }
  }
}
