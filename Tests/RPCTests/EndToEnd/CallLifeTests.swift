import Protobuf
import RPC
import Testing

@Suite("The life of a call", .timeLimit(.minutes(5)))
struct CallLifeTests {
  @Test func deadlinesEndCallsAndHandlers() async throws {
    try await withNotes { (notes, client) async throws in
      var metadata = Metadata()
      metadata.append("grpc-timeout", "40m")
      let start = ContinuousClock.now
      let answer = try await client.raw(
        path: Notes.sleep.path, body: Notes.framed("60000"), metadata: metadata)
      #expect(answer.error?.code == .deadlineExceeded)
      #expect(ContinuousClock.now - start >= .milliseconds(40))
      await notes.seen.wait { $0.cancelled == 1 }
    }
  }

  @Test func handlersThatYieldDoNotStopOthers() async throws {
    try await withNotes { (notes, client) async throws in
      let call = Task { try await client.unary(Notes.spin, Note()) }
      for _ in 0..<20 {
        #expect(try await client.unary(Notes.echo, Note("others")) == Note("others"))
      }
      call.cancel()
      await notes.seen.wait { $0.cancelled == 1 }
      _ = await call.result
    }
  }

  @Test func deadlinesEndCallsOfTheClient() async throws {
    try await withNotes { (notes, client) async throws in
      let error = await #expect(throws: RPCError.self) {
        try await client.unary(Notes.sleep, Note("60000"), timeout: .milliseconds(30))
      }
      #expect(error?.code == .deadlineExceeded)
      await notes.seen.wait { $0.cancelled == 1 }
    }
  }

  @Test func cancellationReachesTheHandler() async throws {
    try await withNotes { (notes, client) async throws in
      let call = Task { try await client.unary(Notes.sleep, Note("60000")) }
      await notes.seen.wait { $0.running == 1 }
      call.cancel()
      let error = await #expect(throws: RPCError.self) { try await call.value }
      #expect(error?.code == .cancelled)
      await notes.seen.wait { $0.cancelled == 1 }
    }
  }

  @Test func lostConnectionsCancelHandlers() async throws {
    try await withNotes { (notes, client) async throws in
      let call = Task { try await client.unary(Notes.sleep, Note("60000")) }
      await notes.seen.wait { $0.running == 1 }
      await client.close()
      let error = await #expect(throws: RPCError.self) { try await call.value }
      #expect(error?.code == .unavailable)
      await notes.seen.wait { $0.cancelled == 1 }
    }
  }

  /// One message is about 1 KiB: what is under way stays below the windows, the queues and the sockets.
  @Test func slowReadersStopTheWriter() async throws {
    try await withNotes { (notes, client) async throws in
      let stream = try await client.serverStreaming(Notes.count, Note("100000"))
      var iterator = stream.makeAsyncIterator()
      #expect(try await iterator.next() != nil)
      var stuck = 0
      while notes.seen.value.sent != stuck {
        stuck = notes.seen.value.sent
        try await Task.sleep(for: .milliseconds(200))
      }
      #expect(stuck < 1_200)
      // Others are not stopped by it.
      #expect(try await client.unary(Notes.echo, Note("free")) == Note("free"))
      for _ in 0..<5_000 { #expect(try await iterator.next() != nil) }
      #expect(notes.seen.value.sent >= 5_000)
    }
  }

  @Test func droppedStreamsCancelTheWriter() async throws {
    try await withNotes { (notes, client) async throws in
      for try await _ in try await client.serverStreaming(Notes.count, Note("100000")) { break }
      await notes.seen.wait { $0.cancelled == 1 }
    }
  }

  @Test func aThousandStreamsShareAConnection() async throws {
    try await withNotes { (notes, client) async throws in
      try await withThrowingTaskGroup(of: Note.self) { group in
        for _ in 0..<1_000 {
          group.addTask { try await client.unary(Notes.sleep, Note("700")) }
        }
        await notes.seen.wait { $0.running == 1_000 }
        // One more waits at the client until a stream is free.
        let next = try await client.unary(Notes.echo, Note("1001"))
        #expect(next == Note("1001"))
        for try await note in group { #expect(note == Note("slept")) }
      }
      #expect(notes.server.connectionCount == 1)
    }
  }
}
