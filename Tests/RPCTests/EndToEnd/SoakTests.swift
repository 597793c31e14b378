import Protobuf
import RPC
import SeededRandom
import Testing

@Suite("Everything at once", .timeLimit(.minutes(1)))
struct SoakTests {
  /// Mixed calls, cancellations, deadlines and dropped connections; in the end nothing is left.
  @Test(arguments: [1, 2])
  func nothingLeaks(threads: Int) async throws {
    var random = SplitMix("soak")
    var configuration = ServerConfiguration()
    configuration.eventLoopThreads = threads
    let notes = try await NotesServer(configuration)
    let seeds = (0..<16).map { _ in UInt64.random(in: 0..<1_000_000, using: &random) }
    await withTaskGroup(of: Void.self) { group in
      for seed in seeds {
        group.addTask { await Self.worker(notes, SplitMix(seed: seed)) }
      }
    }
    #expect(try await notes.client().unary(Notes.echo, Note("alive")) == Note("alive"))
    let start = ContinuousClock.now
    await notes.server.drain(within: .seconds(45))
    #expect(ContinuousClock.now - start < .seconds(40))
    #expect(notes.server.connectionCount == 0)
  }

  private static func worker(_ notes: NotesServer, _ seed: SplitMix) async {
    var random = seed
    for _ in 0..<4 {
      guard let client = try? await notes.client() else {
        Issue.record("the server does not answer")
        return
      }
      await withTaskGroup(of: Void.self) { group in
        for _ in 0..<20 {
          let (kind, pause) = (
            Int.random(in: 0..<6, using: &random), Int.random(in: 0..<8, using: &random)
          )
          group.addTask { await Self.call(client, kind, pause) }
        }
        if Bool.random(using: &random) { await client.close() }
      }
      await client.close()
    }
  }

  /// What a call answers does not matter here: most are cut short.
  private static func call(_ client: Client, _ kind: Int, _ pause: Int) async {
    let task = Task {
      switch kind {
      case 0: _ = try await client.unary(Notes.echo, Note("x"))
      case 1: _ = try await client.unary(Notes.sleep, Note("5"))
      case 2: _ = try await client.unary(Notes.sleep, Note("5000"), timeout: .milliseconds(pause))
      case 3: for try await _ in try await client.serverStreaming(Notes.count, Note("3000")) {}
      case 4: for try await _ in try await client.serverStreaming(Notes.share, Note("y")) { break }
      default: _ = try await client.raw(path: Notes.echo.path, body: [0, 0, 0, 0, 9])
      }
    }
    if kind % 2 == 1 {
      // Cut short only if the whole test is.
      try? await Task.sleep(for: .milliseconds(pause))
      task.cancel()
    }
    _ = await task.result
  }
}
