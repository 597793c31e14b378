import CupoSchema
import Foundation
import NIOCore
import NIOPosix
import Protobuf
import RPC
import Synchronization

/// Many watchers of one busy product: how long each change takes to each of them.
struct FanOut {
  let host: String
  let port: Int
  let client: Client
  let watchersCount: Int
  let changesPerSecond: Int
  let seconds: Int

  /// - Parameter isOneStalled: one more watcher, which takes nothing after its snapshot.
  func run(isOneStalled: Bool) async throws {
    let shop = try await WatchedShop.open(client)
    let sent = SentTimes()
    let loop = MultiThreadedEventLoopGroup.singleton.next()
    let deliveries = try await loop.submit { NIOLoopBound(Deliveries(sent), eventLoop: loop) }.get()
    for _ in 0..<watchersCount { _ = try await watch(shop, deliveries, loop) }
    if isOneStalled {
      let stalled = try await watch(shop, nil, loop)
      try await Task.sleep(for: .milliseconds(500))
      try await stalled.setOption(.autoRead, value: false).get()
    }
    try await Task.sleep(for: .seconds(1))
    let total = try await load(shop, sent)
    let goal = total * watchersCount
    let end = ContinuousClock.now + .seconds(10)
    while try await loop.submit({ deliveries.value.count }).get() < goal, .now < end {
      try await Task.sleep(for: .milliseconds(50))
    }
    let text = try await loop.submit { summary(deliveries.value, goal) }.get()
    print("\(isOneStalled ? "with one stalled: " : "")\(text)")
  }

  private func watch(
    _ shop: WatchedShop, _ deliveries: NIOLoopBound<Deliveries>?, _ loop: any EventLoop
  ) async throws -> any Channel {
    var message: [UInt8] = []
    shop.watch.encode(into: &message)
    let body = [0, 0, 0, UInt8(message.count >> 8), UInt8(message.count & 255)] + message
    return try await ClientBootstrap(group: loop)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          var reader = MessageCutter()
          var known = 0
          let connection = try WatchConnection(
            path: AvailabilityService.watchAvailability.path, body: body,
            onMessage: { bytes in
              guard let deliveries else { return }
              reader.take(bytes) { known = deliveries.value.add($0, known: known) }
            }, onEnd: {})
          try channel.pipeline.syncOperations.addHandler(connection)
        }
      }
      .connect(host: host, port: port).get()
  }

  // Changes at a steady rate, whether or not the answers come; answers how many there were.
  private func load(_ shop: WatchedShop, _ sent: SentTimes) async throws -> Int {
    let total = changesPerSecond * seconds
    let start = ContinuousClock.now
    try await withThrowingTaskGroup(of: Void.self) { group in
      var asked = 0
      while asked < total {
        let due = min(
          total, Int((ContinuousClock.now - start) / .seconds(1) * Double(changesPerSecond)) + 1)
        while asked < due {
          asked += 1
          sent.append()
          group.addTask { try await shop.sell(client) }
        }
        try await Task.sleep(for: .milliseconds(1))
      }
      try await group.waitForAll()
    }
    return total
  }

  private func summary(_ deliveries: Deliveries, _ goal: Int) -> String {
    let share = { (part: Double) in deliveries.milliseconds(share: part) }
    return "\(watchersCount) watchers, \(changesPerSecond) changes/s for \(seconds) s: "
      + "\(deliveries.count) of \(goal) deliveries in \(deliveries.messages) messages; "
      + "from asking for a change to its delta p50 \(share(0.5)) ms, p99 \(share(0.99)) ms, "
      + "p99.9 \(share(0.999)) ms, max \(share(1)) ms"
  }
}
