import NIOCore
import NIOPosix
import Protobuf
import RPC
import Testing

@Suite("Peers that do not behave", .timeLimit(.minutes(5)))
struct HostilePeerTests {
  private static let preface =
    Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + [0, 0, 0, 4, 0, 0, 0, 0, 0]

  private func connect(_ notes: NotesServer, reads: Bool) async throws -> any Channel {
    try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .channelOption(.autoRead, value: reads)
      .connect(host: notes.server.address.host, port: notes.server.address.port).get()
  }

  @Test(arguments: [
    Array("GET / HTTP/1.1\r\nHost: x\r\n\r\n".utf8), [UInt8](repeating: 0xff, count: 1_000),
    preface + [0, 0, 1, 0, 0, 0, 0, 0, 0, 0], preface + [0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 1],
  ])
  func nonsenseClosesItsConnectionOnly(bytes: [UInt8]) async throws {
    try await withNotes { (notes, client) async throws in
      let channel = try await connect(notes, reads: true)
      try await channel.writeAndFlush(ByteBuffer(bytes: bytes)).get()
      try await channel.closeFuture.get()
      #expect(try await client.unary(Notes.echo, Note("fine")) == Note("fine"))
    }
  }

  /// The answers to its pings pile up to a limit, and then the connection is closed.
  @Test func peersThatPingAndDoNotReadAreClosed() async throws {
    try await withNotes { (notes, client) async throws in
      let channel = try await connect(notes, reads: false)
      try await channel.writeAndFlush(ByteBuffer(bytes: Self.preface)).get()
      let ping: [UInt8] = [0, 0, 8, 6, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8]
      let pings = ByteBuffer(bytes: (0..<10_000).flatMap { _ in ping })
      var isRefused = false
      for _ in 0..<2_000 where !isRefused {
        do {
          try await channel.writeAndFlush(pings).get()
        } catch {
          isRefused = true
        }
      }
      #expect(isRefused)
      await notes.seen.wait { _ in notes.server.connectionCount == 1 }
      #expect(try await client.unary(Notes.echo, Note("fine")) == Note("fine"))
      // Closed already, as the test wants it.
      try? await channel.close().get()
    }
  }

  /// A connection whose preface never comes takes nobody's turn.
  @Test func silentConnectionsDoNotHoldUpTheEnd() async throws {
    let notes = try await NotesServer()
    let channel = try await connect(notes, reads: true)
    await notes.seen.wait { _ in notes.server.connectionCount == 1 }
    await notes.server.drain(within: .milliseconds(100))
    #expect(notes.server.connectionCount == 0)
    try await channel.closeFuture.get()
  }
}
