import CapacityAPI
import CupoSchema
import Protobuf
import RPC
import RPCSchema

/// A reader that goes away and comes back: what it was told, byte for byte, and the tokens that it may come back with.
struct Follower: Sendable {
  /// How it reads.
  enum Manner: Sendable {
    case steady
    /// Dawdles over every message.
    case slow
    /// Goes away after this many messages at most, and comes back with any of its last tokens.
    case fickle(messagesMax: Int)
  }

  struct Memory: Sendable {
    var slots: [String: [UInt8]] = [:]
    var token: [UInt8] = []
  }

  static let memoriesMax = 6

  let manner: Manner
  private(set) var now = Memory()
  private var memories: [Memory] = []
  private(set) var snapshots = 0
  private(set) var resumes = 0
  private(set) var compactions = 0

  init(_ manner: Manner) {
    self.manner = manner
  }

  /// Reads until what it knows is `goal`, once there is one; ends early when the server does.
  mutating func follow(
    _ house: House, _ request: WatchAvailabilityRequest, until goal: Goal,
    _ random: inout some RandomNumberGenerator
  ) async throws {
    var hasBegun = false
    while !Task.isCancelled {
      var request = request
      request.resumeToken = now.token
      do throws(RPCError) {
        if try await read(house, request, goal, &hasBegun, &random) { return }
      } catch {
        guard try reason(error) == "RESUME_TOKEN_COMPACTED" else { throw error }
        compactions += 1
        (now, memories) = (Memory(), [])
      }
      if let memory = memories.randomElement(using: &random) { now = memory }
    }
  }

  /// Forgets everything but its last word, as when its process comes back.
  mutating func restart() {
    memories = []
  }

  // Answers whether the goal has been reached.
  private mutating func read(
    _ house: House, _ request: WatchAvailabilityRequest, _ goal: Goal,
    _ hasBegun: inout Bool, _ random: inout some RandomNumberGenerator
  ) async throws(RPCError) -> Bool {
    if request.resumeToken.isEmpty {
      // What it was told of a snapshot that it has not to the end is worth nothing.
      now = Memory()
      snapshots += 1
    } else {
      resumes += 1
    }
    var stream = try await house.client.serverStreaming(
      AvailabilityService.watchAvailability, request
    ).makeAsyncIterator()
    var left = Int.max
    if case .fickle(let most) = manner { left = Int.random(in: 1...most, using: &random) }
    while left > 0, let message = try await stream.next() {
      left -= 1
      take(message)
      if !hasBegun { goal.begin() }
      hasBegun = true
      // Without a token it could not come back.
      if !now.token.isEmpty, goal.isReached(by: now.slots) { return true }
      if case .slow = manner {
        try? await Task.sleep(for: .milliseconds(Int.random(in: 0...40, using: &random)))
      }
    }
    return false
  }

  private mutating func take(_ message: WatchAvailabilityResponse) {
    for slot in message.slots {
      now.slots["\(slot.productID) \(slot.slot)"] = slot.removed ? nil : slot.encoded()
    }
    guard !message.resumeToken.isEmpty else { return }
    now.token = message.resumeToken
    memories.append(now)
    if memories.count > Self.memoriesMax { memories.removeFirst() }
  }

  private func reason(_ error: RPCError) throws -> String {
    try Told(error).reason
  }
}
