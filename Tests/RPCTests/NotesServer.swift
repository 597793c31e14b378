import Protobuf
import RPC
import Synchronization

/// The test service on a real socket, with counters of what its handlers saw.
final class NotesServer: Sendable {
  /// What happened in the handlers.
  struct Seen: Sendable {
    var sent = 0
    var cancelled = 0
    var running = 0
  }

  let server: Server
  let seen: SeenBox

  final class SeenBox: Sendable {
    private let box = Mutex(Seen())
    var value: Seen { box.withLock { $0 } }
    func change(_ body: (inout Seen) -> Void) { box.withLock { body(&$0) } }
  }

  init(_ configure: (inout ServerConfiguration) -> Void = { _ in }) async throws {
    var configuration = ServerConfiguration()
    configure(&configuration)
    seen = SeenBox()
    server = try await Server.start(configuration, Self.table(seen))
  }

  func client() async throws -> Client {
    try await Client.connect(host: server.address.host, port: server.address.port)
  }

  static func table(_ seen: SeenBox) -> ServiceTable {
    var table = ServiceTable()
    table.unary(Notes.echo) { (note, context) async throws(RPCError) -> Note in note }
    table.unary(Notes.fail) { (note, context) async throws(RPCError) -> Note in
      var metadata = Metadata()
      metadata.append("x-hint", "later")
      throw RPCError(
        code: .failedPrecondition, message: "no: \(note.text)", details: [0, 1, 0xff],
        metadata: metadata)
    }
    table.unary(Notes.sleep) { (note, context) async throws(RPCError) -> Note in
      seen.change { $0.running += 1 }
      do {
        try await Task.sleep(for: .milliseconds(Int(note.text) ?? 0))
      } catch {
        seen.change { $0.cancelled += 1 }
        throw RPCError(code: .cancelled, message: "cancelled")
      }
      return Note("slept")
    }
    table.serverStreaming(Notes.count) { (note, context, writer) async throws(RPCError) in
      let filler = String(repeating: "x", count: 1_000)
      for number in 0..<(Int(note.text) ?? 0) {
        do throws(RPCError) {
          try await writer.send(Note("\(number) \(filler)"))
        } catch {
          seen.change { $0.cancelled += 1 }
          throw error
        }
        seen.change { $0.sent += 1 }
      }
    }
    return table
  }
}
