import Protobuf
import RPC
import Testing

/// Over real sockets, with limits short enough to wait for. Each also sees another client served.
@Suite("Connections that last too long or do too little", .timeLimit(.minutes(5)), .serialized)
struct ConnectionLimitsTests {
  private func check(
    _ change: (inout ConnectionLimits) -> Void, _ body: (NotesServer, RawPeer) async throws -> Void,
    opens: Bool = true
  ) async throws {
    var configuration = ServerConfiguration()
    change(&configuration.connection)
    try await withNotes(configuration) { notes, client in
      let peer = try await RawPeer(notes, opens: opens)
      try await body(notes, peer)
      #expect(try await client.unary(Notes.echo, Note("fine")) == Note("fine"))
      await peer.close()
    }
  }

  @Test func silentPeersAreAskedAndLeft() async throws {
    try await check {
      ($0.keepaliveInterval, $0.keepaliveTimeout) = (.milliseconds(500), .seconds(3))
    } _: { _, peer in
      #expect(await peer.wait(for: 6) != nil)
      try await peer.waitForEnd()
    }
  }

  @Test func peersThatAnswerStay() async throws {
    try await check {
      ($0.keepaliveInterval, $0.keepaliveTimeout) = (.milliseconds(100), .seconds(30))
    } _: { _, peer in
      for _ in 0..<5 {
        let payload = try #require(await peer.wait(for: 6))
        try await peer.write(RawPeer.frame(6, flags: 1, payload))
        try await Task.sleep(for: .milliseconds(150))
      }
      #expect(peer.isOpen)
    }
  }

  @Test func pingsWithoutReasonEndTheConnection() async throws {
    try await check { _ in
    } _: { _, peer in
      for _ in 0..<4 { try await peer.write(RawPeer.ping) }
      #expect(await peer.goAway() == .init(code: 0xb, debug: "too_many_pings"))
      try await peer.waitForEnd()
    }
  }

  @Test func threePingsAreBorne() async throws {
    try await check { _ in
    } _: { _, peer in
      for _ in 0..<3 { try await peer.write(RawPeer.ping) }
      try await Task.sleep(for: .milliseconds(200))
      #expect(peer.isOpen && peer.frames.filter { $0.type == 6 }.count == 3)
    }
  }

  @Test func oldConnectionsAreDrainedAndTheirCallsEnded() async throws {
    try await check {
      ($0.ageMax, $0.ageGrace) = (.milliseconds(300), .milliseconds(300))
    } _: { notes, peer in
      try await peer.write(RawPeer.call(Notes.sleep.path, stream: 1))
      try await peer.write(RawPeer.body(Note("60000").encoded(), stream: 1))
      await notes.seen.wait { $0.running == 1 }
      #expect(await peer.goAway()?.code == 0)
      try await peer.waitForEnd()
      await notes.seen.wait { $0.cancelled == 1 }
    }
  }

  @Test func idleConnectionsAreDrained() async throws {
    try await check {
      $0.idleMax = .milliseconds(200)
    } _: { _, peer in
      #expect(await peer.goAway()?.code == 0)
      try await peer.waitForEnd()
    }
  }

  @Test(arguments: [[], Array(RawPeer.preface.prefix(10)), Array(RawPeer.preface.dropLast(9))])
  func connectionsThatDoNotBeginAreClosed(beginning: [UInt8]) async throws {
    try await check(
      { $0.settingsTimeout = .milliseconds(200) },
      { _, peer in
        try await peer.write(beginning)
        try await peer.waitForEnd()
      }, opens: false)
  }

  @Test func slowHeadersEndTheConnection() async throws {
    try await check {
      $0.headersTimeout = .milliseconds(300)
    } _: { _, peer in
      let headers = RawPeer.call(Notes.echo.path, stream: 1)
      for byte in headers.dropLast(5) {
        guard peer.isOpen else { break }
        // Closed by the server in the middle, as the test wants it.
        try? await peer.write([byte])
        try await Task.sleep(for: .milliseconds(10))
      }
      try await peer.waitForEnd()
      #expect(await peer.goAway() == .init(code: 0xb, debug: "headers_timeout"))
    }
  }

  @Test func slowBodiesCostTheirStreamOnly() async throws {
    try await check {
      $0.requestStallTimeout = .milliseconds(300)
    } _: { notes, peer in
      try await peer.write(RawPeer.call(Notes.sleep.path, stream: 1))
      try await peer.write(RawPeer.body(Note("1500").encoded(), stream: 1))
      try await peer.write(RawPeer.call(Notes.echo.path, stream: 3))
      try await peer.write(RawPeer.frame(0, stream: 3, [0, 0]))
      #expect(await peer.wait(for: 3, stream: 3) == [0, 0, 0, 8])
      // The request of the other was complete: it may take its time.
      #expect(await peer.wait(for: 0, stream: 1) != nil)
      #expect(peer.isOpen)
    }
  }

  @Test func windowsThatStayClosedCostTheirStream() async throws {
    try await check {
      $0.responseStallTimeout = .milliseconds(300)
    } _: { notes, peer in
      try await peer.write(RawPeer.frame(4, [0, 4, 0, 0, 0, 0]))
      try await peer.write(RawPeer.call(Notes.count.path, stream: 1))
      try await peer.write(RawPeer.body(Note("1000000").encoded(), stream: 1))
      #expect(await peer.wait(for: 3, stream: 1) == [0, 0, 0, 8])
      await notes.seen.wait { $0.cancelled == 1 }
      #expect(notes.seen.value.sent < 200)
      #expect(peer.isOpen)
    }
  }

  @Test func callsBeyondWhatMayWaitAreRefused() async throws {
    try await check {
      $0.queuedBytesMax = 50_000
    } _: { notes, peer in
      try await peer.write(RawPeer.frame(4, [0, 4, 0, 0, 0, 0]))
      try await peer.write(RawPeer.call(Notes.count.path, stream: 1))
      try await peer.write(RawPeer.body(Note("1000").encoded(), stream: 1))
      await notes.seen.wait { $0.sent > 50 }
      try await peer.write(RawPeer.call(Notes.echo.path, stream: 3))
      #expect(await peer.wait(for: 3, stream: 3) == [0, 0, 0, 7])
    }
  }

  @Test func connectionsBeyondTheLimitWait() async throws {
    var configuration = ServerConfiguration()
    configuration.maxConnections = 2
    try await withNotes(configuration) { notes, client in
      let second = try await RawPeer(notes)
      #expect(await second.wait(for: 4) != nil)
      let third = try await RawPeer(notes)
      try await Task.sleep(for: .milliseconds(200))
      #expect(third.isOpen && third.frames.isEmpty)
      await second.close()
      #expect(await third.wait(for: 4) != nil)
      await third.close()
    }
  }
}
