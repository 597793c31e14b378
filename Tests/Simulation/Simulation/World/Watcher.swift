import Capacity
import CapacityAPI
import CupoSchema
import Protobuf

/// One who follows what can be sold: it goes away, comes back with any of its last tokens, and never asks twice.
struct Watcher {
  /// What it knows, and what brings it back to just that.
  struct Memory {
    var slots: [String: [UInt8]] = [:]
    var token: [UInt8] = []
  }

  static let memoriesMax = 4

  var reader: SteppedWatch.Reader?
  var memory = Memory()
  var memories: [Memory] = []

  /// Takes over a message.
  mutating func take(_ bytes: [UInt8]) throws(Broken) {
    let message: WatchAvailabilityResponse
    do throws(DecodingError) {
      message = try WatchAvailabilityResponse(decoding: bytes.span)
    } catch {
      throw Broken("I8", "a watcher is told what nobody understands")
    }
    for slot in message.slots {
      memory.slots["\(slot.productID) \(slot.slot)"] = slot.removed ? nil : slot.encoded()
    }
    guard !message.resumeToken.isEmpty else { return }
    memory.token = message.resumeToken
    memories.append(memory)
    if memories.count > Self.memoriesMax { memories.removeFirst() }
  }

  mutating func forget() {
    (reader, memory, memories) = (nil, Memory(), [])
  }
}
