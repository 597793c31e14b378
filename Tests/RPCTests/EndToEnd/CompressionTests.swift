import Gzip
import Protobuf
import RPC
import Testing

/// Messages that are compressed, both ways, over real sockets.
@Suite("Compression", .timeLimit(.minutes(5)))
struct CompressionTests {
  private static let text = String(repeating: "compress me ", count: 2_000)

  private static func table() -> ServiceTable {
    var table = ServiceTable()
    table.unary(Notes.echo) { (note, context) async throws(RPCError) -> Note in
      if note.text.hasPrefix("compress") { context.reply.compress(true) }
      return note
    }
    table.unary(Notes.describe) { (note, context) async throws(RPCError) -> Note in
      var metadata = Metadata()
      metadata.append("x-first", "1")
      context.reply.setInitialMetadata(metadata)
      metadata = Metadata()
      metadata.append("x-last", "2")
      context.reply.setTrailingMetadata(metadata)
      return Note("\(context.wasRequestCompressed)")
    }
    table.bidirectional(Notes.chat) { (requests, context, writer) async throws(RPCError) in
      var all = requests.makeAsyncIterator()
      while let note = try await all.next() {
        context.reply.compress(note.text == "on")
        try await writer.send(Note("\(all.wasCompressed)"))
      }
    }
    return table
  }

  private func withServer(_ body: (Client) async throws -> Void) async throws {
    let server = try await Server.start(ServerConfiguration(), Self.table())
    let client = try await Client.connect(host: server.address.host, port: server.address.port)
    do {
      try await body(client)
    } catch {
      Issue.record(error)
    }
    await client.close()
    await server.drain(within: .seconds(1))
  }

  private func gzipped(_ message: [UInt8]) -> [UInt8] {
    let content = Gzip.compress(message.span)
    let length = (0..<4).map { UInt8(truncatingIfNeeded: content.count >> (24 - 8 * $0)) }
    return [1] + length + content
  }

  private var gzip: Metadata {
    var metadata = Metadata()
    metadata.append("grpc-encoding", "gzip")
    return metadata
  }

  @Test func bothWays() async throws {
    try await withServer { client in
      let answer = try await client.unary(Notes.echo, Note(Self.text), compresses: true)
      #expect(answer.text == Self.text)
      #expect(try await client.unary(Notes.describe, Note(""), compresses: true).text == "true")
      #expect(try await client.unary(Notes.describe, Note("")).text == "false")
      let raw = try await client.raw(
        path: Notes.echo.path, body: gzipped(Note(Self.text).encoded()), metadata: gzip)
      #expect(raw.headers["grpc-encoding"] == "gzip")
      #expect(raw.body.first == 1 && raw.body.count < 1_000)
    }
  }

  @Test func eachMessageForItself() async throws {
    try await withServer { client in
      let (requests, responses) = try await client.bidirectional(Notes.chat, compresses: true)
      var answers = responses.makeAsyncIterator()
      for (text, compressed) in [("on", true), ("off", false), ("on", false)] {
        try await requests.send(Note(text), compressed: compressed)
        #expect(try await answers.next()?.text == "\(compressed)")
        #expect(answers.wasCompressed == (text == "on"))
      }
      requests.finish()
      #expect(try await answers.next() == nil)
    }
  }

  @Test func aBombIsRefusedByTheLimit() async throws {
    try await withServer { client in
      // A hundred megabytes in a hundred kilobytes.
      let bomb = gzipped([UInt8](repeating: 0, count: 100 << 20))
      #expect(bomb.count < 1 << 20)
      let raw = try await client.raw(path: Notes.echo.path, body: bomb, metadata: gzip)
      #expect(raw.error?.code == .resourceExhausted)
    }
  }

  @Test func whatIsNoGzipIsRefused() async throws {
    try await withServer { client in
      for body: [UInt8] in [[1, 0, 0, 0, 3, 1, 2, 3], [1, 0, 0, 0, 0]] {
        let raw = try await client.raw(path: Notes.echo.path, body: body, metadata: gzip)
        #expect(raw.error?.code == .internal)
        // A compressed message in a call that has not said so.
        let unsaid = try await client.raw(path: Notes.echo.path, body: body)
        #expect(unsaid.error?.code == .internal)
      }
      var metadata = Metadata()
      metadata.append("grpc-encoding", "br")
      let raw = try await client.raw(
        path: Notes.echo.path, body: [1, 0, 0, 0, 0], metadata: metadata)
      #expect(raw.error?.code == .unimplemented)
      #expect(raw.headers["grpc-accept-encoding"] == "identity,gzip")
    }
  }

  @Test func metadataOfTheAnswer() async throws {
    try await withServer { client in
      let raw = try await client.raw(path: Notes.describe.path, body: [0, 0, 0, 0, 0])
      #expect(raw.error == nil)
      #expect(raw.headers["x-first"] == "1")
      #expect(raw.trailers["x-last"] == "2")
    }
  }
}
