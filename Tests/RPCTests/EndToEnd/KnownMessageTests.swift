import Protobuf
import RPC
import Synchronization
import Testing

/// Calls that are answered from the bytes of their request.
@Suite("Known messages", .timeLimit(.minutes(5)))
struct KnownMessageTests {
  private final class Counts: Sendable {
    private let known = Mutex(0)
    var value: Int { known.withLock { $0 } }
    func add() { known.withLock { $0 += 1 } }
  }

  private func table(_ counts: Counts) -> ServiceTable {
    var table = ServiceTable()
    let yes = Note("yes").encoded()
    table.unary(
      Notes.echo,
      known: { bytes, context in
        counts.add()
        guard bytes.count == yes.count, bytes[bytes.count - 1] == yes[yes.count - 1] else {
          return nil
        }
        return EncodedMessage(bytesMax: 1) { Note("known \(context.path.count)").encode(into: &$0) }
      },
      answering: { note, bytes, context, answer in
        guard note.text != "no" else {
          return answer { () throws(RPCError) -> Note in
            throw RPCError(code: .aborted, message: "no")
          }
        }
        let isSame = note.encoded() == bytes
        Task.detached {
          answer.onLoop {
            answer(EncodedMessage(bytesMax: 64) { Note("\(isSame)").encode(into: &$0) })
          }
        }
      })
    return table
  }

  private func with(_ table: ServiceTable, _ body: (Client) async throws -> Void) async throws {
    let server = try await Server.start(ServerConfiguration(), table)
    let client = try await Client.connect(host: server.address.host, port: server.address.port)
    try await body(client)
    await client.close()
    await server.drain(within: .seconds(1))
  }

  @Test func whatIsKnownNeedsNoHandler() async throws {
    let counts = Counts()
    try await with(table(counts)) { client in
      let known = Note("known \(Notes.echo.path.count)")
      for _ in 0..<3 {
        let answer = try await client.unary(Notes.echo, Note("yes"))
        #expect(answer == known)
      }
      let other = try await client.unary(Notes.echo, Note("other"))
      #expect(other == Note("true"))
      let error = await #expect(throws: RPCError.self) {
        try await client.unary(Notes.echo, Note("no"))
      }
      #expect(error?.code == .aborted && counts.value == 5)
    }
  }

  /// What runs around handlers runs around all of them.
  @Test func aDecoratorSeesEveryCall() async throws {
    let (counts, seen) = (Counts(), Counts())
    var table = table(counts)
    table.decorate { (context, next) async throws(RPCError) -> ServiceTable.Reply in
      seen.add()
      return try await next(context)
    }
    try await with(table) { client in
      let answer = try await client.unary(Notes.echo, Note("yes"))
      #expect(answer == Note("true"))
      await #expect(throws: RPCError.self) { try await client.unary(Notes.echo, Note("no")) }
      #expect(seen.value == 2 && counts.value == 0)
    }
  }
}
