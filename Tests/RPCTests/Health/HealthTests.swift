import RPC
import RPCSchema
import Testing

@Suite("Health", .timeLimit(.minutes(5)))
struct HealthTests {
  typealias Status = HealthCheckResponse.ServingStatus

  private func withHealth(
    watchersMax: Int = HealthService.watchersMax,
    _ body: (HealthService, Client) async throws -> Void
  ) async throws {
    let health = HealthService(services: ["a.A", "b.B"], watchersMax: watchersMax)
    var table = ServiceTable()
    health.register(in: &table)
    let server = try await Server.start(ServerConfiguration(), table)
    let client = try await Client.connect(host: server.address.host, port: server.address.port)
    do {
      try await body(health, client)
    } catch {
      Issue.record(error)
    }
    await client.close()
    health.stop()
    await server.drain(within: .seconds(1))
  }

  private func request(_ service: String) -> HealthCheckRequest {
    var request = HealthCheckRequest()
    request.service = service
    return request
  }

  private func expect(_ client: Client, _ service: String, _ status: Status) async throws {
    let answer = try await client.unary(Health.check, request(service))
    #expect(answer.status == status)
  }

  private func watch(
    _ client: Client, _ service: String
  ) async throws -> ResponseStream<HealthCheckResponse>.Iterator {
    try await client.serverStreaming(Health.watch, request(service)).makeAsyncIterator()
  }

  @Test func eachServiceHasItsStatus() async throws {
    try await withHealth { health, client in
      for service in ["", "a.A", "b.B"] { try await expect(client, service, .serving) }
      health.set(["a.A"], isServing: false)
      for (service, status) in [("", Status.notServing), ("a.A", .notServing), ("b.B", .serving)] {
        try await expect(client, service, status)
      }
      health.set(["a.A"], isServing: true)
      try await expect(client, "", .serving)
    }
  }

  @Test func unknownServices() async throws {
    try await withHealth { health, client in
      let error = await #expect(throws: RPCError.self) { try await expect(client, "c.C", .unknown) }
      #expect(error?.code == .notFound)
      var updates = try await watch(client, "c.C")
      #expect(try await updates.next()?.status == .serviceUnknown)
      // It may come yet.
      health.set(["c.C"], isServing: true)
      #expect(try await updates.next()?.status == .serving)
    }
  }

  @Test func watchersHearOfChangesOnly() async throws {
    try await withHealth { health, client in
      var updates = try await watch(client, "a.A")
      #expect(try await updates.next()?.status == .serving)
      health.set(["b.B"], isServing: false)
      health.set(["a.A"], isServing: true)
      health.set(["a.A"], isServing: false)
      #expect(try await updates.next()?.status == .notServing)
      health.set(["a.A"], isServing: true)
      #expect(try await updates.next()?.status == .serving)
    }
  }

  @Test func aStopIsForEver() async throws {
    try await withHealth { health, client in
      var (whole, one) = (try await watch(client, ""), try await watch(client, "a.A"))
      #expect(try await whole.next()?.status == .serving)
      #expect(try await one.next()?.status == .serving)
      health.stop()
      health.set(["a.A", "b.B"], isServing: true)
      #expect(try await whole.next()?.status == .notServing)
      #expect(try await one.next()?.status == .notServing)
      let error = await #expect(throws: RPCError.self) { _ = try await one.next() }
      #expect(error?.code == .unavailable)
      try await expect(client, "b.B", .notServing)
      // Who comes late is told as well.
      var late = try await watch(client, "")
      #expect(try await late.next()?.status == .notServing)
      let end = await #expect(throws: RPCError.self) { _ = try await late.next() }
      #expect(end?.code == .unavailable)
    }
  }

  @Test func watchersHaveALimitAndGiveTheirPlaceBack() async throws {
    try await withHealth(watchersMax: 2) { health, client in
      var updates = try await watch(client, "")
      #expect(try await updates.next() != nil)
      let other = Task {
        var updates = try await watch(client, "")
        while try await updates.next() != nil {}
      }
      while health.watcherCount < 2 { try await Task.sleep(for: .milliseconds(2)) }
      var refused = try await watch(client, "")
      let error = await #expect(throws: RPCError.self) { _ = try await refused.next() }
      #expect(error?.code == .resourceExhausted)
      other.cancel()
      while health.watcherCount > 1 { try await Task.sleep(for: .milliseconds(2)) }
      var next = try await watch(client, "")
      #expect(try await next.next()?.status == .serving)
    }
  }
}
