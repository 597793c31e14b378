import RPC
import Testing

@Suite("Calls over loopback", .timeLimit(.minutes(1)))
struct EndToEndTests {
  @Test func unaryCallsAnswer() async throws {
    let notes = try await NotesServer()
    let client = try await notes.client()
    let answer = try await client.unary(Notes.echo, Note("hello"))
    #expect(answer == Note("hello"))
    let long = Note(String(repeating: "long", count: 300_000))
    #expect(try await client.unary(Notes.echo, long) == long)
    #expect(try await client.unary(Notes.echo, Note()) == Note())
    await client.close()
    await notes.server.drain(within: .seconds(1))
  }

  @Test func streamsArriveInOrder() async throws {
    let notes = try await NotesServer()
    let client = try await notes.client()
    var received = 0
    for try await note in try await client.serverStreaming(Notes.count, Note("2000")) {
      #expect(note.text.hasPrefix("\(received) "))
      received += 1
    }
    #expect(received == 2_000)
    await client.close()
    await notes.server.drain(within: .seconds(1))
  }
}
