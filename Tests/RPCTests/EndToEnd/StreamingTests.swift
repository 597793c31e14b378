import Protobuf
import RPC
import Testing

@Suite("Server streams", .timeLimit(.minutes(5)))
struct StreamingTests {
  @Test func anyTaskMaySend() async throws {
    try await withNotes { (notes, client) async throws in
      let note = Note(String(repeating: "shared", count: 200))
      var received = 0
      for try await answer in try await client.serverStreaming(Notes.share, note) {
        #expect(answer == note)
        received += 1
      }
      #expect(received == 800)
    }
  }

  @Test func manyStreamsShareAConnection() async throws {
    try await withNotes { (notes, client) async throws in
      try await withThrowingTaskGroup(of: Int.self) { group in
        for _ in 0..<100 {
          group.addTask {
            var received = 0
            for try await _ in try await client.serverStreaming(Notes.count, Note("200")) {
              received += 1
            }
            return received
          }
        }
        for try await received in group { #expect(received == 200) }
      }
    }
  }

  /// An answer that has begun ends with the status in its trailers.
  @Test func deadlinesEndStreamsThatHaveBegun() async throws {
    try await withNotes { (notes, client) async throws in
      var metadata = Metadata()
      metadata.append("grpc-timeout", "100m")
      let stream = try await client.serverStreaming(
        Notes.count, Note("1000000"), metadata: metadata)
      var received = 0
      let error = await #expect(throws: RPCError.self) {
        for try await _ in stream { received += 1 }
      }
      #expect(error?.code == .deadlineExceeded)
      #expect(received > 0)
      await notes.seen.wait { $0.cancelled == 1 }
    }
  }

  @Test func cancelledReadersStopTheWriter() async throws {
    try await withNotes { (notes, client) async throws in
      let reader = Task {
        for try await _ in try await client.serverStreaming(Notes.count, Note("1000000")) {}
      }
      await notes.seen.wait { $0.sent > 10 }
      reader.cancel()
      await notes.seen.wait { $0.cancelled == 1 }
      _ = await reader.result
    }
  }

  @Test func answersAboveTheClientsLimitAreRefused() async throws {
    let notes = try await NotesServer()
    var configuration = ClientConfiguration()
    configuration.maxMessageBytes = 1_000
    let client = try await Client.connect(
      host: notes.server.address.host, port: notes.server.address.port,
      configuration: configuration)
    let error = await #expect(throws: RPCError.self) {
      try await client.unary(Notes.echo, Note(String(repeating: "x", count: 2_000)))
    }
    #expect(error?.code == .resourceExhausted)
    #expect(try await client.unary(Notes.echo, Note("short")) == Note("short"))
    await client.close()
    await notes.server.drain(within: .seconds(1))
  }

  @Test func metadataHaveALimitAtTheClient() async throws {
    try await withNotes { (notes, client) async throws in
      var metadata = Metadata()
      metadata.append("x", String(repeating: "x", count: Metadata.bytesMax))
      let error = await #expect(throws: RPCError.self) {
        try await client.unary(Notes.echo, Note(), metadata: metadata)
      }
      #expect(error?.code == .resourceExhausted)
    }
  }
}
