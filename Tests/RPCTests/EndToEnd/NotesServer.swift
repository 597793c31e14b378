import Foundation
import Protobuf
import RPC
import Synchronization
import Testing

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

    /// Waits until the counters are as wanted; the test's time limit is the limit.
    func wait(until isWanted: (Seen) -> Bool) async {
      while !isWanted(value), !Task.isCancelled {
        // Cancelled by the time limit.
        try? await Task.sleep(for: .milliseconds(2))
      }
    }
  }

  init(_ configuration: ServerConfiguration = ServerConfiguration()) async throws {
    seen = SeenBox()
    server = try await Server.start(configuration, Self.table(seen))
  }

  func client() async throws -> Client {
    guard let path = server.socketPath else {
      return try await Client.connect(host: server.address.host, port: server.address.port)
    }
    return try await Client.connect(host: "unix:\(path)", port: 0)
  }

  static func table(_ seen: SeenBox) -> ServiceTable {
    var table = ServiceTable()
    table.unary(Notes.echo) { (note, context) async throws(RPCError) -> Note in note }
    table.unary(Notes.describe) { (note, context) async throws(RPCError) -> Note in
      let tags = context.metadata.values(for: "x-tag").joined(separator: ",")
      let raw = context.metadata[binary: "x-raw-bin"] ?? []
      let deadline = context.deadline == nil ? "no deadline" : "deadline"
      return Note("\(context.path) \(tags) \(raw) \(deadline)")
    }
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
    table.unary(Notes.spin) { (note, context) async throws(RPCError) -> Note in
      while !Task.isCancelled { await Task.yield() }
      seen.change { $0.cancelled += 1 }
      throw RPCError(code: .cancelled, message: "cancelled")
    }
    // The loop that serves stands still.
    table.unary(Notes.occupy) { (note, context) async throws(RPCError) -> Note in
      usleep(UInt32(note.text).map { $0 * 1_000 } ?? 0)
      return note
    }
    // Several tasks send what was encoded once, off the loop.
    table.serverStreaming(Notes.share) { (note, context, writer) async throws(RPCError) in
      let bytes = note.encoded()
      await withTaskGroup(of: Void.self) { group in
        for _ in 0..<8 {
          group.addTask { @concurrent in
            for _ in 0..<100 {
              // The call is over, and so is this task.
              guard (try? await writer.sendEncoded(bytes)) != nil else { return }
              seen.change { $0.sent += 1 }
            }
          }
        }
      }
    }
    table.bidirectional(Notes.chat) { (requests, context, writer) async throws(RPCError) in
      for try await note in requests { try await writer.send(note) }
    }
    return table
  }
}

/// Runs `body` against a server and a client of its own.
func withNotes(
  _ configuration: ServerConfiguration = ServerConfiguration(),
  _ body: (NotesServer, Client) async throws -> Void
) async throws {
  let notes = try await NotesServer(configuration)
  let client = try await notes.client()
  do {
    try await body(notes, client)
  } catch {
    Issue.record(error)
  }
  await client.close()
  await notes.server.drain(within: .seconds(1))
}
