import Protobuf
import RPC
import Synchronization
import Testing

/// What runs around handlers.
@Suite("Decorators", .timeLimit(.minutes(5)))
struct DecoratorTests {
  private static func table(_ log: @escaping @Sendable (String) -> Void) -> ServiceTable {
    var table = ServiceTable()
    for name in ["outer", "inner"] {
      table.decorate { (context, next) async throws(RPCError) -> ServiceTable.Reply in
        log("\(name) \(context.path.split(separator: "/").last ?? "")")
        if context.metadata["x-refuse"] == name {
          throw RPCError(code: .permissionDenied, message: name)
        }
        do throws(RPCError) {
          let reply = try await next(context)
          log("\(name) ok")
          return reply
        } catch {
          log("\(name) \(error.code.rawValue)")
          throw error
        }
      }
    }
    table.unary(Notes.echo) { (note, _) async throws(RPCError) -> Note in
      if note.text == "fail" { throw RPCError(code: .aborted, message: "") }
      return note
    }
    table.serverStreaming(Notes.count) { (note, _, writer) async throws(RPCError) in
      try await writer.send(note)
    }
    table.clientStreaming(Notes.collect) { (requests, _) async throws(RPCError) -> Note in
      var count = 0
      for try await _ in requests { count += 1 }
      return Note("\(count)")
    }
    table.bidirectional(Notes.chat) { (requests, _, writer) async throws(RPCError) in
      for try await note in requests { try await writer.send(note) }
    }
    return table
  }

  @Test func allKindsPassThem() async throws {
    let log = Mutex<[String]>([])
    let server = try await Server.start(
      ServerConfiguration(), Self.table { line in log.withLock { $0.append(line) } })
    let client = try await Client.connect(host: server.address.host, port: server.address.port)
    let body = Notes.framed("a")
    for method in [Notes.echo, Notes.count, Notes.collect, Notes.chat] {
      log.withLock { $0 = [] }
      let answer = try await client.raw(path: method.path, body: body)
      #expect(answer.error == nil)
      #expect(answer.body.count == body.count)
      let told = log.withLock { $0 }
      #expect(
        told == ["outer \(method.name)", "inner \(method.name)", "inner ok", "outer ok"])
    }
    await client.close()
    await server.drain(within: .zero)
  }

  @Test func theySeeAndMakeRefusals() async throws {
    let log = Mutex<[String]>([])
    let server = try await Server.start(
      ServerConfiguration(), Self.table { line in log.withLock { $0.append(line) } })
    let client = try await Client.connect(host: server.address.host, port: server.address.port)
    let failed = await #expect(throws: RPCError.self) {
      _ = try await client.unary(Notes.echo, Note("fail"))
    }
    #expect(failed?.code == .aborted)
    #expect(log.withLock { $0 } == ["outer Echo", "inner Echo", "inner 10", "outer 10"])
    log.withLock { $0 = [] }
    var metadata = Metadata()
    metadata.append("x-refuse", "inner")
    let refused = await #expect(throws: RPCError.self) {
      _ = try await client.unary(Notes.echo, Note("a"), metadata: metadata)
    }
    #expect(refused?.code == .permissionDenied)
    #expect(log.withLock { $0 } == ["outer Echo", "inner Echo", "outer 7"])
    await client.close()
    await server.drain(within: .zero)
  }

  /// A handler that does not wait: answered at once or from elsewhere, with decorators and without.
  @Test(arguments: [false, true])
  func whoeverHasTheAnswerGivesIt(isDecorated: Bool) async throws {
    var table = isDecorated ? Self.table { _ in } : ServiceTable()
    table.unary(Notes.describe) { (note, _, answer: Answer<Note>) in
      if note.text == "now" { return answer { () throws(RPCError) -> Note in Note("at once") } }
      Task.detached {
        answer { () throws(RPCError) -> Note in
          if note.text == "fail" { throw RPCError(code: .aborted, message: "no") }
          return Note("later")
        }
      }
    }
    let server = try await Server.start(ServerConfiguration(), table)
    let client = try await Client.connect(host: server.address.host, port: server.address.port)
    #expect(try await client.unary(Notes.describe, Note("now")).text == "at once")
    #expect(try await client.unary(Notes.describe, Note("")).text == "later")
    let error = await #expect(throws: RPCError.self) {
      try await client.unary(Notes.describe, Note("fail"))
    }
    #expect(error?.code == .aborted)
    #expect(await server.load().handlers == 0)
    await client.close()
    await server.drain(within: .seconds(1))
  }
}
