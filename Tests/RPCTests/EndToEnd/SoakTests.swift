import Foundation
import Protobuf
import RPC
import SeededRandom
import Testing

/// Mixed calls, cancellations, deadlines and dropped connections; in the end nothing is left, and memory has not grown.
/// `CUPO_SOAK_SECONDS` lets it go on for so long; by default it is some rounds only.
@Suite("Everything at once", .timeLimit(.minutes(soakSeconds / 60 + 2)))
struct SoakTests {
  @Test(arguments: soakSeconds > 0 ? [1] : [1, 2])
  func nothingLeaks(threads: Int) async throws {
    var random = SplitMix("soak")
    var configuration = ServerConfiguration()
    configuration.eventLoopThreads = threads
    let notes = try await NotesServer(configuration)
    let seeds = (0..<16).map { _ in UInt64.random(in: 0..<1_000_000, using: &random) }
    let start = ContinuousClock.now
    let end = start + .seconds(soakSeconds)
    let memory = Task { await ResidentMemory.samples(from: start, to: end) }
    let rounds = await withTaskGroup(of: Int.self) { group in
      for seed in seeds {
        group.addTask { await Self.worker(notes, SplitMix(seed: seed), until: end) }
      }
      return await group.reduce(0, +)
    }
    let samples = await memory.value
    check(samples, rounds)
    let client = try await notes.client()
    #expect(try await client.unary(Notes.echo, Note("alive")) == Note("alive"))
    await client.close()
    // What was dropped is noticed soon; the time limit is the limit.
    while await notes.server.load() != ServerLoad() { try await Task.sleep(for: .milliseconds(20)) }
    let drain = ContinuousClock.now
    await notes.server.drain(within: .seconds(45))
    #expect(ContinuousClock.now - drain < .seconds(40))
    #expect(notes.server.connectionCount == 0)
  }

  /// Flat: after a fifth of the time for caches and pools to fill, the last fifth is not above the next one.
  private func check(_ memory: [Int], _ rounds: Int) {
    guard memory.count >= 20 else { return }
    let part = memory.count / 5
    let (early, late) = (memory[part..<2 * part].max() ?? 0, memory.suffix(part).max() ?? 0)
    print(
      "soak: \(rounds) connections, \(rounds * 20) calls; memory KiB \(early) early, \(late) late")
    #expect(late < early + early / 10 + 4_096)
  }

  /// Answers how many connections it made.
  private static func worker(
    _ notes: NotesServer, _ seed: SplitMix, until end: ContinuousClock.Instant
  ) async -> Int {
    var random = seed
    var rounds = 0
    while rounds < 4 || ContinuousClock.now < end {
      rounds += 1
      guard let client = try? await notes.client() else {
        Issue.record("the server does not answer")
        return rounds
      }
      await withTaskGroup(of: Void.self) { group in
        for _ in 0..<20 {
          let (kind, pause) = (
            Int.random(in: 0..<9, using: &random), Int.random(in: 0..<8, using: &random)
          )
          group.addTask { await Self.call(client, kind, pause) }
        }
        group.addTask { await Self.dropped(notes) }
        if Bool.random(using: &random) { await client.close() }
      }
      await client.close()
    }
    return rounds
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
      case 5: try await chat(client)
      case 6: _ = try await client.unary(Notes.spin, Note(""), timeout: .milliseconds(pause))
      case 7: try await chat(client)
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

  private static func chat(_ client: Client) async throws {
    let (requests, responses) = try await client.bidirectional(Notes.chat)
    var answers = responses.makeAsyncIterator()
    for number in 0..<20 {
      try await requests.send(Note("\(number)"))
      _ = try await answers.next()
    }
    requests.finish()
    _ = try await answers.next()
  }

  /// A peer that goes away in the middle of a frame, a call of its running and another one's body missing.
  private static func dropped(_ notes: NotesServer) async {
    guard let peer = try? await RawPeer(notes) else { return }
    let bytes =
      RawPeer.call(Notes.sleep.path, stream: 1)
      + RawPeer.body(Note("60000").encoded(), stream: 1)
      + RawPeer.call(Notes.chat.path, stream: 3) + RawPeer.call(Notes.echo.path, stream: 5)
      + RawPeer.ping.prefix(11)
    // It is the server that matters, not what becomes of the peer.
    try? await peer.write(bytes)
    await peer.close()
  }
}

private let soakSeconds =
  ProcessInfo.processInfo.environment["CUPO_SOAK_SECONDS"].flatMap { Int($0) } ?? 0

/// What this process has in memory.
private enum ResidentMemory {
  /// Kibibytes, once a second.
  static func samples(
    from start: ContinuousClock.Instant, to end: ContinuousClock.Instant
  ) async -> [Int] {
    var samples: [Int] = []
    while ContinuousClock.now < end, (try? await Task.sleep(for: .seconds(1))) != nil {
      samples.append(kibibytes)
    }
    return samples
  }

  static var kibibytes: Int {
    let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    let line = status?.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
    return line.flatMap { Int($0.filter(\.isNumber)) } ?? 0
  }
}
