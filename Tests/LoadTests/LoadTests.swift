import Foundation
import Protobuf
import RPC
import RPCSchema
import Synchronization
import Testing

@testable import Load

/// Load against a server on loopback.
@Suite(.timeLimit(.minutes(5)), .serialized)
struct LoadTests {
  /// Answers health checks: of `slow` late, of `none` with an error.
  private static func serve(
    _ body: (LoadPlan.Address, Counter) async throws -> Void
  ) async throws {
    let counter = Counter()
    var table = ServiceTable()
    table.unary(Health.check) { (request, _) async throws(RPCError) -> HealthCheckResponse in
      let number = counter.next()
      if request.service == "none" { throw RPCError(code: .notFound, message: "there is none") }
      // The loop that serves stands still, as a server does that collects its garbage.
      if request.service == "slow", number == 100 { usleep(300_000) }
      return HealthCheckResponse()
    }
    let server = try await Server.start(ServerConfiguration(), table)
    try await body(.host(server.address.host, port: server.address.port), counter)
    await server.drain(within: .seconds(1))
  }

  final class Counter: Sendable {
    private let state = Atomic(0)
    var value: Int { state.load(ordering: .relaxed) }
    func next() -> Int { state.wrappingAdd(1, ordering: .relaxed).newValue }
  }

  private final class Checks: CallSource {
    let readsAnswers = true
    private var left: Int
    private let service: String

    init(_ service: String, limit: Int) {
      (self.service, left) = (service, limit)
    }

    func next() -> LoadCall? {
      guard left > 0 else { return nil }
      left -= 1
      let name = Array(service.utf8)
      let message = [0x0a, UInt8(name.count)] + name
      return LoadCall(.init(method: 0), body: [0, 0, 0, 0, UInt8(message.count)] + message)
    }

    func answered(_ call: LoadCall.Tag, isOK: Bool, body: Span<UInt8>) -> LoadTally {
      // The prefix is there, even before an empty message.
      LoadTally(errors: isOK && body.count >= 5 ? 0 : 1)
    }
  }

  private func plan(
    _ address: LoadPlan.Address, _ service: String = "", limit: Int = .max
  ) -> LoadPlan {
    var plan = LoadPlan(address: address, paths: [Health.check.path], token: nil) {
      Checks(service, limit: limit)
    }
    plan.warmUp = .milliseconds(100)
    plan.duration = .milliseconds(400)
    return plan
  }

  @Test func aClosedLoopKeepsCallsInFlight() async throws {
    // A machine that is busy with other tests answers little in 0.4 s.
    var seconds = 0.4
    while try await !keepsCallsInFlight(seconds), seconds < 10 { seconds *= 4 }
    #expect(seconds < 10)
  }

  /// - Returns: whether enough was answered in so long a time to say anything.
  private func keepsCallsInFlight(_ seconds: Double) async throws -> Bool {
    var isEnough = false
    try await Self.serve { address, counter in
      var plan = plan(address)
      (plan.inFlight, plan.connections) = (10, 3)
      plan.duration = .seconds(seconds)
      let result = try await Load.run(plan)
      isEnough = result.calls > 100 && result.calls < counter.value
      #expect(result.errors == 0 && result.requests == result.calls)
      #expect(result.latencies.count == UInt64(result.calls))
      #expect(abs(result.seconds - seconds) < 0.01)
      // Warm-up does not count, and everything that was sent was waited for.
      #expect(result.successesInAll == counter.value && result.calls <= counter.value)
      guard isEnough else { return }
      #expect(result.generatorSeconds > 0)
    }
    return isEnough
  }

  @Test func anOpenLoopKeepsItsRate() async throws {
    try await Self.serve { address, _ in
      var plan = plan(address)
      (plan.inFlight, plan.connections, plan.ratePerSecond) = (100, 2, 500)
      let result = try await Load.run(plan)
      #expect(result.errors == 0)
      #expect((199...201).contains(result.calls))
    }
  }

  /// 300 ms in which nothing is answered are in the way of all calls that were meant to go then, not of those under way only.
  @Test func whatAStallDelaysIsCounted() async throws {
    try await Self.serve { address, _ in
      var plan = plan(address, "slow")
      plan.warmUp = .zero
      plan.duration = .seconds(1)
      (plan.inFlight, plan.ratePerSecond) = (1, 1_000)
      let result = try await Load.run(plan)
      #expect((999...1_001).contains(result.calls))
      #expect(result.latencies.value(atShare: 0.9) > 100_000_000)
      #expect(result.latencies.max > 290_000_000)
    }
  }

  /// Callers with a deadline do not queue: who finds no room when it comes is gone, and what comes too late is not in time.
  @Test func whoFindsNoRoomIsGone() async throws {
    try await Self.serve { address, counter in
      var plan = plan(address, "slow")
      plan.warmUp = .zero
      plan.duration = .seconds(1)
      plan.deadline = .milliseconds(200)
      (plan.inFlight, plan.ratePerSecond) = (4, 1_000)
      let result = try await Load.run(plan)
      #expect((999...1_001).contains(result.calls))
      // The stall of 300 ms: those that were open are late, and nobody could call meanwhile.
      #expect(result.unsent >= 200)
      let late = result.calls - result.unsent - result.inTime
      #expect(late >= 1 && result.errors >= result.unsent && counter.value <= result.calls)
      #expect(result.goodput == Double(result.inTime) / result.seconds)
    }
  }

  @Test func errorsAreCountedAndTheFirstIsTold() async throws {
    try await Self.serve { address, _ in
      let result = try await Load.run(plan(address, "none", limit: 5))
      #expect(result.successesInAll == 0)
      #expect(result.firstError == "status 5: there is none")
    }
  }

  @Test func aRunIsOverWhenThereIsNothingMoreToAsk() async throws {
    try await Self.serve { address, counter in
      var plan = plan(address, limit: 7)
      plan.warmUp = .zero
      plan.duration = .seconds(30)
      plan.inFlight = 3
      let result = try await Load.run(plan)
      #expect(result.calls == 7 && counter.value == 7)
      #expect(result.seconds < 10)
    }
  }

  @Test func nobodyThereIsAFailure() async throws {
    var gone: LoadPlan.Address = .host("127.0.0.1", port: 1)
    try await Self.serve { address, _ in gone = address }
    await #expect(throws: LoadFailure.self) { _ = try await Load.run(plan(gone)) }
  }
}
