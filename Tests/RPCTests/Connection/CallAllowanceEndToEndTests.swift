import NIOCore
import Protobuf
import RPC
import Testing

/// A server whose loop does not keep up asks its peers to keep their calls to themselves.
@Suite(.timeLimit(.minutes(5)))
struct CallAllowanceEndToEndTests {
  /// What SETTINGS_MAX_CONCURRENT_STREAMS has said, in order, the first aside: that one came with all others.
  private func asked(_ peer: RawPeer) -> [Int] {
    peer.frames.filter { $0.type == 4 && $0.flags == 0 && $0.payload.count == 6 }
      .map { $0.payload[2..<6].reduce(0) { $0 << 8 | Int($1) } }
  }

  /// Speaks to the server until it has said something that `isWanted`, and acknowledges what it says.
  private func wait(
    _ peer: RawPeer, _ acknowledged: inout Int, for what: Comment, _ isWanted: ([Int]) -> Bool
  ) async throws {
    let end = ContinuousClock.now + .seconds(120)
    while true {
      let asked = asked(peer)
      for _ in acknowledged..<asked.count { try await peer.write(RawPeer.frame(4, flags: 1)) }
      acknowledged = asked.count
      if isWanted(asked) { return }
      try #require(ContinuousClock.now < end, "\(what): it has asked for \(asked)")
      try await peer.write(RawPeer.frame(8, [0, 0, 0, 1]))
      try await Task.sleep(for: .milliseconds(50))
    }
  }

  /// Has so many calls open all the time that the loop is late, each of 10 ms.
  private func crowd(_ client: Client) -> Task<Void, Never> {
    Task {
      await withTaskGroup(of: Void.self) { group in
        for _ in 0..<20 {
          group.addTask {
            do {
              while true { _ = try await client.unary(Notes.occupy, Note("10")) }
            } catch {
              #expect(Task.isCancelled, "one of the crowd has left: \(error)")
            }
          }
        }
      }
    }
  }

  @Test func aLateLoopAsksForFewerCallsAndLaterForAsManyAsBefore() async throws {
    try await withNotes { notes, client in
      let peer = try await RawPeer(notes)
      var acknowledged = 0
      let crowd = crowd(client)
      defer { crowd.cancel() }
      // 256 for two connections; from 145, where it kept up for a moment, 128 is less than an eighth away and not worth a frame.
      try await wait(peer, &acknowledged, for: "fewer") { ($0.last ?? 1_000) < 150 }
      // Whoever does not know yet, or does not care, is served all the same.
      let last = try #require(asked(peer).last)
      for number in 0..<UInt32(last + 10) {
        try await peer.write(RawPeer.call("/test.Notes/Sleep", stream: 2 * number + 1))
      }
      crowd.cancel()
      await crowd.value
      try await wait(peer, &acknowledged, for: "as many as before") { $0.last == 1_000 }
      #expect(peer.isOpen && !peer.frames.contains { $0.type == 7 || $0.type == 3 })
      await peer.close()
    }
  }

  /// A watch stays open for hours: it must not take the place of calls.
  @Test func streamsThatStayDoNotCount() async throws {
    try await withNotes { notes, client in
      let peer = try await RawPeer(notes)
      var acknowledged = 0
      for number in 0..<UInt32(300) {
        let stream = 2 * number + 1
        // Longer answers than the peer's window lets through, but for the first few.
        try await peer.write(
          RawPeer.call("/test.Notes/Count", stream: stream)
            + RawPeer.body([10, 4] + Array("0020".utf8), stream: stream))
      }
      while await notes.server.load().streams < 290 { try await Task.sleep(for: .milliseconds(5)) }
      let crowd = crowd(client)
      defer { crowd.cancel() }
      try await wait(peer, &acknowledged, for: "fewer") { !$0.isEmpty && $0.last != 1_000 }
      crowd.cancel()
      await crowd.value
      #expect(asked(peer).allSatisfy { $0 >= 290 + 16 })
      await peer.close()
    }
  }
}
