import Protobuf
import RPC
import Synchronization
import Testing

/// A client that goes on when servers are away.
@Suite("Retries and several addresses", .timeLimit(.minutes(5)))
struct RetryTests {
  private func server(_ name: String, failing: Int = 0) async throws -> (Server, Counter) {
    let counter = Counter()
    var table = ServiceTable()
    table.unary(Notes.echo) { (note, context) async throws(RPCError) -> Note in
      if counter.next() <= failing { throw RPCError(code: .unavailable, message: "not now") }
      return Note(name)
    }
    return (try await Server.start(ServerConfiguration(), table), counter)
  }

  private final class Counter: Sendable {
    private let count = Atomic(0)
    func next() -> Int { count.add(1, ordering: .relaxed).newValue }
    var value: Int { count.load(ordering: .relaxed) }
  }

  private var policy: RetryPolicy {
    var policy = RetryPolicy()
    policy.firstPause = .milliseconds(1)
    return policy
  }

  @Test func anUnavailableServerIsAskedAgain() async throws {
    let (server, counter) = try await server("a", failing: 3)
    let client = try await Client.connect(host: server.address.host, port: server.address.port)
    #expect(try await client.unary(Notes.echo, Note(), retry: policy).text == "a")
    #expect(counter.value == 4)
    await client.close()
    await server.drain(within: .zero)
  }

  @Test func notWithoutAPolicyAndNotForEver() async throws {
    let (server, counter) = try await server("a", failing: 100)
    let client = try await Client.connect(host: server.address.host, port: server.address.port)
    for (retry, asked) in [(nil, 1), (policy, 1 + policy.attemptsMax)] {
      let error = await #expect(throws: RPCError.self) {
        try await client.unary(Notes.echo, Note(), retry: retry)
      }
      #expect(error?.code == .unavailable)
      #expect(counter.value == asked)
    }
    await client.close()
    await server.drain(within: .zero)
  }

  @Test func theTimeoutIsForAllAttempts() async throws {
    let (server, _) = try await server("a", failing: 1_000_000)
    let client = try await Client.connect(host: server.address.host, port: server.address.port)
    var policy = policy
    policy.attemptsMax = 1_000
    let start = ContinuousClock.now
    await #expect(throws: RPCError.self) {
      try await client.unary(Notes.echo, Note(), timeout: .milliseconds(300), retry: policy)
    }
    #expect(ContinuousClock.now - start < .seconds(5))
    await client.close()
    await server.drain(within: .zero)
  }

  @Test func callsGoRound() async throws {
    let (first, firstCounter) = try await server("a")
    let (second, secondCounter) = try await server("b")
    let client = try await Client.connect(addresses: [first.address, second.address])
    for _ in 0..<10 { _ = try await client.unary(Notes.echo, Note()) }
    #expect(firstCounter.value == 5)
    #expect(secondCounter.value == 5)
    // One goes away: the other has it all.
    await first.drain(within: .zero)
    for _ in 0..<10 { #expect(try await client.unary(Notes.echo, Note()).text == "b") }
    await client.close()
    await second.drain(within: .zero)
  }
}
