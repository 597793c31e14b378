import Capacity
import CapacityAPI
import CapacityEngine
import CupoSchema
import MemoryStorage
import Protobuf
import SeededRandom
import Synchronization
import Testing

/// What readers are to come to, once the commands are over.
final class Goal: Sendable {
  private let slots = Mutex<[String: [UInt8]]?>(nil)

  private let begun = Mutex(0)

  /// A reader has got its first message: what it came back with has been looked at.
  func begin() {
    begun.withLock { $0 += 1 }
  }

  /// Waits until so many readers have begun; the test's time limit is the limit.
  func wait(forReaders count: Int) async throws {
    while begun.withLock({ $0 < count }) { try await Task.sleep(for: .milliseconds(2)) }
  }

  func set(_ slots: [String: [UInt8]]) {
    self.slots.withLock { $0 = slots }
  }

  func isReached(by known: [String: [UInt8]]) -> Bool {
    slots.withLock { $0 == known }
  }
}

/// I8: deltas replayed from any live token over what was known then rebuild the current state byte for byte.
@Suite(.timeLimit(.minutes(5)))
struct WatchReplayTests {
  private static let products = ["seat", "ticket", "turn", "visit"]
  private static let lastDate = "2026-12-05"
  private static let commandsPerRun = 150
  private static let runs = 3

  @Test func readersThatGoAndComeAndDawdleSeeWhatIsThere() async throws {
    var random = SplitMix("watch replay")
    let clock = ManualClock()
    let store = MemoryStore(identity: StoreIdentity(namingKey: 7))
    var followers = [
      Follower(.steady), Follower(.slow), Follower(.fickle(messagesMax: 3)),
      Follower(.fickle(messagesMax: 12)),
    ]
    for run in 0..<Self.runs {
      let house = try await House(clock: clock, store: store, watchProgressSeconds: 0.1)
      if run == 0 { try await furnish(house) }
      followers = try await self.run(house, followers, &random)
      for index in followers.indices { followers[index].restart() }
      await house.close()
      // Time goes by while nobody is there, and holds run out.
      if run == 1 { clock.advance(13 * 3600) }
    }
    // A restart and a night are no reason for a new snapshot.
    #expect(followers[0].snapshots == 1)
    #expect(followers[1].snapshots == 1)
    #expect(followers[2].resumes > 3)
  }

  private func run(
    _ house: House, _ followers: [Follower], _ random: inout SplitMix
  ) async throws -> [Follower] {
    let goal = Goal()
    var request = WatchAvailabilityRequest()
    request.productIDs = Self.products
    // From today on: the range moves with time.
    request.toDate = Self.lastDate
    let watch = request
    return try await withThrowingTaskGroup(of: (Int, Follower).self) { group in
      for (index, follower) in followers.enumerated() {
        let seed = random.next()
        group.addTask {
          var follower = follower
          var random = SplitMix(seed: seed)
          try await follower.follow(house, watch, until: goal, &random)
          return (index, follower)
        }
      }
      // An edit that adds slots compacts the tokens of those who are not back yet.
      try await goal.wait(forReaders: followers.count)
      var seller = Seller(house: house, random: SplitMix(seed: random.next()))
      for _ in 0..<Self.commandsPerRun {
        try await seller.act()
        // Readers come and go meanwhile.
        try await Task.sleep(for: .milliseconds(4))
      }
      goal.set(try await truth(house))
      var result = followers
      for try await (index, follower) in group { result[index] = follower }
      return result
    }
  }

  // What the lists say: the same evaluator by another way.
  private func truth(_ house: House) async throws -> [String: [UInt8]] {
    // Time has stood still since the last command, but what is due by now may not be written yet.
    let today = Zone.utc.date(at: house.clock.now).description
    var slots: [String: [UInt8]] = [:]
    for product in Self.products {
      let list = try await house.availability(product, from: today, to: Self.lastDate)
      for slot in list.slots { slots["\(slot.productID) \(slot.slot)"] = slot.encoded() }
    }
    return slots
  }

  private func furnish(_ house: House) async throws {
    try await house.furnish()
    try await house.putTurns()
    var ticket = Capacity.Product(
      id: "ticket", sellerID: "sol", draws: [Capacity.Draw(resourceID: "hall")])
    ticket.holds = HoldPolicy(maxExtensions: 1_000)
    _ = try await house.engine.execute(
      .putProduct(Command.PutProduct(product: ticket, actor: "ana")))
  }
}
