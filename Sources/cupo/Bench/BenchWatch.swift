internal import CupoClient
internal import CupoSchema
internal import Load
internal import Protobuf
internal import RPC
internal import Synchronization

/// Many watches of one product, and Reserves of it at a steady rate: how long each takes to each watch.
///
/// Every change holds one unit more, so what a delta says is held tells which changes are in it.
struct BenchWatch: Sendable {
  /// Changes each second, where the command does not say.
  static let defaultRate = 100.0
  private static let patience: Duration = .seconds(5)

  let endpoint: Endpoint
  let client: CupoClient
  let productID: String
  let plan: LoadPlan

  func run(_ makeSource: @escaping @Sendable () -> any CallSource) async throws -> LoadResult {
    let before = try await held()
    let board = Board()
    let watches = plan.inFlight
    var clients: [CupoClient] = []
    for _ in 0..<plan.connections {
      clients.append(try await connect())
    }
    let watchers = (0..<watches).map { number in
      let client = clients[number % clients.count]
      return Task { await watch(client, board, before) }
    }
    while board.ready < watches {
      try await Task.sleep(for: .milliseconds(5))
      if let error = board.error { throw error }
    }
    let changes = try await change(board, makeSource)
    let wanted = board.counting * watches
    let end = ContinuousClock.now + Self.patience
    while board.delivered < wanted, ContinuousClock.now < end {
      try await Task.sleep(for: .milliseconds(10))
    }
    for watcher in watchers { watcher.cancel() }
    for client in clients { await client.close() }
    var result = changes
    result.latencies = board.latencies
    result.calls = Int(result.latencies.count)
    result.requests = wanted
    // A change that was refused is one that nobody hears of.
    result.errors = wanted - result.calls
    return result
  }

  private func connect() async throws -> CupoClient {
    var configuration = CupoClient.Configuration()
    let token = plan.token
    configuration.metadata = {
      var metadata = Metadata()
      if let token { metadata.append("authorization", "Bearer \(token)") }
      return metadata
    }
    return try await CupoClient.connect(to: endpoint, configuration: configuration)
  }

  private func held() async throws -> Int64 {
    var request = GetAvailabilityRequest()
    request.productID = productID
    return try await client.getAvailability(request).slots.first?.held ?? 0
  }

  // The one who changes has a connection of its own.
  private func change(
    _ board: Board, _ makeSource: @escaping @Sendable () -> any CallSource
  ) async throws -> LoadResult {
    var plan = plan
    plan.paths = [CapacityService.reserve.path]
    (plan.inFlight, plan.connections) = (1_000, 1)
    plan.ratePerSecond = plan.ratePerSecond ?? Self.defaultRate
    let begin = ContinuousClock.now + plan.warmUp
    plan.makeSource = { TimedCalls(makeSource(), board, from: begin) }
    return try await Load.run(plan)
  }

  private func watch(_ client: CupoClient, _ board: Board, _ before: Int64) async {
    var request = WatchAvailabilityRequest()
    request.productIDs = [productID]
    var known = 0
    do throws(CupoError) {
      for try await message in try await client.watchAvailability(request) {
        if message.kind == .snapshotEnd { board.isReady() }
        guard message.kind == .delta, let slot = message.slots.last else { continue }
        known = board.heard(Int(slot.held - before), known: known)
      }
    } catch {
      if error.code != .cancelled { board.fail(error) }
    }
  }
}

/// Notes when each call goes.
private final class TimedCalls: CallSource {
  private let calls: any CallSource
  private let board: BenchWatch.Board
  private let begin: ContinuousClock.Instant

  init(_ calls: any CallSource, _ board: BenchWatch.Board, from begin: ContinuousClock.Instant) {
    self.calls = calls
    self.board = board
    self.begin = begin
  }

  var readsAnswers: Bool { calls.readsAnswers }

  func next() -> LoadCall? {
    let now = ContinuousClock.now
    board.sent(at: now, counts: now >= begin)
    return calls.next()
  }

  func answered(_ call: LoadCall.Tag, isOK: Bool, body: Span<UInt8>) -> LoadTally {
    calls.answered(call, isOK: isOK, body: body)
  }
}

extension BenchWatch {
  /// When changes were asked for, and when watches heard of them.
  fileprivate final class Board: Sendable {
    private struct State {
      var sent: [(time: ContinuousClock.Instant, counts: Bool)] = []
      var latencies = Histogram()
      var ready = 0
      var error: CupoError?
    }

    private let state = Mutex(State())

    var ready: Int { state.withLock { $0.ready } }
    var error: CupoError? { state.withLock { $0.error } }
    var latencies: Histogram { state.withLock { $0.latencies } }

    func isReady() { state.withLock { $0.ready += 1 } }
    func fail(_ error: CupoError) { state.withLock { $0.error = $0.error ?? error } }

    func sent(at time: ContinuousClock.Instant, counts: Bool) {
      state.withLock { $0.sent.append((time, counts)) }
    }

    /// A watch that knew the first `known` changes has heard of `count`; answers how many it knows now.
    func heard(_ count: Int, known: Int) -> Int {
      let now = ContinuousClock.now
      return state.withLock { state in
        let count = min(count, state.sent.count)
        guard count > known else { return known }
        for change in state.sent[known..<count] where change.counts {
          state.latencies.record(UInt64(max(0, (now - change.time) / .nanoseconds(1))))
        }
        return count
      }
    }

    /// How many changes count.
    var counting: Int { state.withLock { $0.sent.count { $0.counts } } }
    /// How many changes that count have come to how many watches.
    var delivered: Int { state.withLock { Int($0.latencies.count) } }
  }
}
