import Protobuf
import RPC
import Synchronization
import Testing

/// Calls whose requests are a stream, over real sockets.
@Suite("Streams of requests", .timeLimit(.minutes(5)))
struct TwoWayTests {
  private final class Seen: Sendable {
    let taken = Atomic(0)
    let cancelled = Atomic(0)
  }

  private static func table(_ seen: Seen) -> ServiceTable {
    var table = ServiceTable()
    table.clientStreaming(Notes.collect) { (requests, context) async throws(RPCError) -> Note in
      var texts: [String] = []
      for try await note in requests {
        if note.text == "enough" { return Note("early") }
        if note.text == "refuse" { throw RPCError(code: .outOfRange, message: "no more") }
        texts.append(note.text)
        seen.taken.add(1, ordering: .relaxed)
      }
      return Note(texts.joined(separator: ","))
    }
    table.bidirectional(Notes.chat) { (requests, context, writer) async throws(RPCError) in
      do throws(RPCError) {
        var all = requests.makeAsyncIterator()
        while let note = try await all.next() {
          if note.text == "stall" {
            // Cancelled with the call.
            try? await Task.sleep(for: .seconds(60))
          }
          seen.taken.add(1, ordering: .relaxed)
          try await writer.send(Note("\(note.text)!"))
        }
      } catch {
        seen.cancelled.add(1, ordering: .relaxed)
        throw error
      }
    }
    return table
  }

  private func withServer(_ body: (Client, Seen) async throws -> Void) async throws {
    let seen = Seen()
    let server = try await Server.start(ServerConfiguration(), Self.table(seen))
    let client = try await Client.connect(host: server.address.host, port: server.address.port)
    do {
      try await body(client, seen)
    } catch {
      Issue.record(error)
    }
    await client.close()
    await server.drain(within: .seconds(1))
  }

  private func collect(_ client: Client, _ texts: [String]) async throws -> String {
    let answer: Note = try await client.clientStreaming(Notes.collect) {
      (writer) async throws(RPCError) in
      for text in texts { try await writer.send(Note(text)) }
    }
    return answer.text
  }

  @Test func manyRequestsOneAnswer() async throws {
    try await withServer { client, _ in
      let three = try await collect(client, ["a", "b", "c"])
      #expect(three == "a,b,c")
      let none = try await collect(client, [])
      #expect(none.isEmpty)
    }
  }

  @Test func aServerMayAnswerEarly() async throws {
    try await withServer { client, _ in
      let long = Array(repeating: String(repeating: "x", count: 1_000), count: 2_000)
      let early = try await collect(client, ["a", "enough"] + long)
      #expect(early == "early")
      let error = await #expect(throws: RPCError.self) {
        _ = try await collect(client, ["a", "refuse"] + long)
      }
      #expect(error?.code == .outOfRange)
      // The connection is as good as before.
      let next = try await collect(client, ["a"])
      #expect(next == "a")
    }
  }

  @Test func pingAndPong() async throws {
    try await withServer { client, _ in
      let (requests, responses) = try await client.bidirectional(Notes.chat)
      var answers = responses.makeAsyncIterator()
      for number in 0..<100 {
        try await requests.send(Note("\(number)"))
        #expect(try await answers.next()?.text == "\(number)!")
      }
      requests.finish()
      #expect(try await answers.next() == nil)
    }
  }

  /// The handler takes nothing: what the client can send is bounded by the window and its own buffer.
  @Test func aSlowHandlerStopsTheClient() async throws {
    try await withServer { client, seen in
      let (requests, responses) = try await client.bidirectional(Notes.chat)
      try await requests.send(Note("stall"))
      let sent = Atomic(0)
      let sending = Task {
        let filler = Note(String(repeating: "x", count: 10_000))
        while !Task.isCancelled {
          try await requests.send(filler)
          sent.add(1, ordering: .relaxed)
        }
      }
      // Begun, and then still for a while: a busy machine may leave the sender waiting for its first turn.
      var before = 0
      while before == 0 || before != sent.load(ordering: .relaxed) {
        before = sent.load(ordering: .relaxed)
        try await Task.sleep(for: .milliseconds(500))
      }
      // 256 KiB of window, 64 KiB of buffer, and what is between.
      #expect((1...60).contains(before))
      #expect(seen.taken.load(ordering: .relaxed) == 0)
      responses.cancel()
      sending.cancel()
      _ = await sending.result
      while seen.cancelled.load(ordering: .relaxed) == 0 {
        try await Task.sleep(for: .milliseconds(2))
      }
    }
  }

  @Test func aMessageMayBeLargerThanTheWindow() async throws {
    try await withServer { client, _ in
      let text = String(repeating: "x", count: 2_000_000)
      let (requests, responses) = try await client.bidirectional(Notes.chat)
      try await requests.send(Note(text))
      requests.finish()
      var answers = responses.makeAsyncIterator()
      #expect(try await answers.next()?.text.count == text.count + 1)
      #expect(try await answers.next() == nil)
    }
  }

  @Test func cancellingReachesTheHandler() async throws {
    try await withServer { client, seen in
      let (requests, responses) = try await client.bidirectional(Notes.chat)
      try await requests.send(Note("a"))
      var answers = responses.makeAsyncIterator()
      _ = try await answers.next()
      responses.cancel()
      while seen.cancelled.load(ordering: .relaxed) == 0 {
        try await Task.sleep(for: .milliseconds(2))
      }
      let error = await #expect(throws: RPCError.self) { try await requests.send(Note("b")) }
      #expect(error?.code == .cancelled)
    }
  }

  @Test func aMalformedRequestEndsTheCall() async throws {
    try await withServer { client, _ in
      let raw = try await client.raw(path: Notes.chat.path, body: [0, 0, 0, 0, 1, 9])
      #expect(raw.error?.code == .invalidArgument)
    }
  }
}
