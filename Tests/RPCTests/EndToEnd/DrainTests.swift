import RPC
import TemporaryFolders
import Testing

/// What is called after its server has gone has an address that no other test can be given: a socket in a folder of its own.
@Suite("Stopping a server", .timeLimit(.minutes(5)))
struct DrainTests {
  private let folder: TemporaryFolder
  private var configuration = ServerConfiguration()

  init() throws {
    folder = try TemporaryFolder()
    configuration.socketPath = "\(folder.path)/s"
  }

  @Test func runningCallsFinish() async throws {
    let notes = try await NotesServer(configuration)
    let client = try await notes.client()
    let call = Task { try await client.unary(Notes.sleep, Note("300")) }
    await notes.seen.wait { $0.running == 1 }
    let start = ContinuousClock.now
    await notes.server.drain(within: .seconds(55))
    // It has not waited for the end of the grace, however slow the machine is.
    #expect(ContinuousClock.now - start < .seconds(50))
    #expect(try await call.value == Note("slept"))
    let error = await #expect(throws: RPCError.self) {
      try await client.unary(Notes.echo, Note())
    }
    #expect(error?.code == .unavailable)
    await client.close()
  }

  @Test func graceEnds() async throws {
    let notes = try await NotesServer()
    let client = try await notes.client()
    let call = Task { try await client.unary(Notes.sleep, Note("60000")) }
    await notes.seen.wait { $0.running == 1 }
    await notes.server.drain(within: .milliseconds(50))
    let error = await #expect(throws: RPCError.self) { try await call.value }
    #expect(error?.code == .unavailable)
    #expect(notes.seen.value.cancelled == 1)
    await client.close()
  }

  @Test func clientsFindTheNextServer() async throws {
    let first = try await NotesServer(configuration)
    let client = try await first.client()
    #expect(try await client.unary(Notes.echo, Note("1")) == Note("1"))
    await first.server.drain(within: .seconds(1))
    let second = try await NotesServer(configuration)
    #expect(try await client.unary(Notes.echo, Note("2")) == Note("2"))
    await client.close()
    await second.server.drain(within: .seconds(1))
  }

  @Test func nobodyAnswers() async throws {
    // A port that is never given out to anybody: one that was just left may be another test's by now.
    let error = await #expect(throws: RPCError.self) {
      try await Client.connect(host: "127.0.0.1", port: 1)
    }
    #expect(error?.code == .unavailable)
  }
}
