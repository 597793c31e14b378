import CupoSchema
import NIOCore
import NIOPosix
import Protobuf
import RPC

/// Load at a pace that does not wait for answers, as crowds make it: a call is due when it is due. It is timed from then on, also
/// where it has to wait for room on a connection, and given up at its deadline.
final class OpenLoad {
  struct Plan: Sendable {
    var address: (host: String, port: Int)
    var token: String?
    var connections: Int
    /// Calls that one connection may have open.
    var streams: Int
    var deadline: Duration
    var length: Duration
    /// The pace; nil: as each is answered the next one goes out, so many at a time.
    var callsPerSecond: Double?
    var inFlight = 0
  }

  struct Result: Sendable {
    var offered = 0
    /// Those that never found room.
    var unsent = 0
    /// Latencies of all that were answered OK.
    var answered: [Duration] = []
    var refused = 0
    var late = 0
    var others = 0
    var seconds = 0.0

    func goodput(within deadline: Duration) -> Double {
      Double(answered.count { $0 <= deadline }) / seconds
    }

    func percentile(_ part: Double) -> Duration {
      let sorted = answered.sorted()
      guard !sorted.isEmpty else { return .zero }
      return sorted[min(sorted.count - 1, Int(Double(sorted.count) * part))]
    }
  }

  private let plan: Plan
  private let makeBody: () -> [UInt8]
  private let clock = ContinuousClock()
  private var connections: [OpenConnection] = []
  private var waiting: [ContinuousClock.Instant] = []
  private var firstWaiting = 0
  private var next = 0
  private var result = Result()
  private var start: ContinuousClock.Instant

  private init(_ plan: Plan, _ makeBody: @escaping () -> [UInt8]) {
    self.plan = plan
    self.makeBody = makeBody
    start = clock.now
  }

  /// Runs it on a thread of its own.
  static func run(
    _ plan: Plan, makeBody: @escaping @Sendable () -> [UInt8]
  ) async throws -> Result {
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let loop = group.next()
    let load = try await loop.submit {
      NIOLoopBound(OpenLoad(plan, makeBody), eventLoop: loop)
    }.get()
    for _ in 0..<plan.connections {
      _ = try await ClientBootstrap(group: loop)
        .channelOption(.socketOption(.tcp_nodelay), value: 1)
        .channelInitializer { channel in
          channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandler(load.value.connection())
          }
        }
        .connect(host: plan.address.host, port: plan.address.port).get()
    }
    let end = loop.makePromise(of: Result.self)
    loop.execute { load.value.begin(loop, end) }
    let result = try await end.futureResult.get()
    try await group.shutdownGracefully()
    return result
  }

  private func connection() throws -> OpenConnection {
    let connection = try OpenConnection(
      path: CapacityService.reserve.path, token: plan.token, inFlightMax: plan.streams
    ) { [unowned self] end, intended in
      switch end {
      case .answered: result.answered.append(clock.now - intended)
      case .refused: result.refused += 1
      case .late: result.late += 1
      case .other: result.others += 1
      }
    }
    connections.append(connection)
    return connection
  }

  private func begin(_ loop: any EventLoop, _ end: EventLoopPromise<Result>) {
    start = clock.now
    tick(loop, end)
  }

  private func tick(_ loop: any EventLoop, _ end: EventLoopPromise<Result>) {
    let elapsed = clock.now - start
    if let pace = plan.callsPerSecond {
      let due = min(elapsed, plan.length) / .seconds(1) * pace
      while result.offered < Int(due) {
        waiting.append(start + .seconds(Double(result.offered) / pace))
        result.offered += 1
      }
    } else if elapsed < plan.length {
      let open = connections.reduce(0) { $0 + $1.inFlight }
      for _ in 0..<max(0, plan.inFlight - open) {
        waiting.append(clock.now)
        result.offered += 1
      }
    }
    sendWaiting()
    for connection in connections { connection.flush() }
    let isOver = elapsed > plan.length + plan.deadline
    let inFlight = connections.reduce(0) { $0 + $1.inFlight }
    if isOver, inFlight == 0 || elapsed > plan.length + plan.deadline * 3 {
      result.seconds = plan.length / .seconds(1)
      result.others += inFlight
      for connection in connections { connection.close() }
      return end.succeed(result)
    }
    let again = NIOLoopBound(self, eventLoop: loop)
    loop.assumeIsolated().scheduleTask(in: .milliseconds(1)) { again.value.tick(loop, end) }
  }

  private func sendWaiting() {
    let now = clock.now
    while firstWaiting < waiting.count {
      let left = plan.deadline - (now - waiting[firstWaiting])
      if left <= .zero {
        result.unsent += 1
      } else if let connection = room() {
        connection.send(
          makeBody(), intended: waiting[firstWaiting], milliseconds: Int(left / .milliseconds(1)))
      } else {
        break
      }
      firstWaiting += 1
    }
    guard firstWaiting > 4_096 else { return }
    waiting.removeFirst(firstWaiting)
    firstWaiting = 0
  }

  private func room() -> OpenConnection? {
    for _ in connections.indices {
      next = (next + 1) % connections.count
      if connections[next].hasRoom { return connections[next] }
    }
    return nil
  }
}
