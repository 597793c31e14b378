import Capacity
import CupoSchema
import Protobuf
import SeededRandom
import Testing

@testable import CapacityAPI

/// What readers are told by an image alone, without a server: whatever they know and however slowly they ask.
struct WatchImageTests {
  /// A reader of an image: what it has been told of each slot.
  private struct Reader {
    var position: WatchPosition
    var slots: [String: SlotAvailability] = [:]
    var seen: [String: UInt64] = [:]
    var messages = 0

    /// Takes one message. Answers whether there was one; nil: compacted.
    mutating func read(_ image: WatchImage) throws -> Bool? {
      let step = image.step(&position)
      guard case .message(let bytes) = step else {
        if case .compacted = step { return nil }
        return false
      }
      messages += 1
      let message = try WatchAvailabilityResponse(decoding: bytes.span)
      #expect(message.slots.count <= WatchImage.partSlotsMax)
      for slot in message.slots {
        slots[slot.slot] = slot.removed ? nil : slot
        guard !slot.removed else { continue }
        #expect(slot.revision >= seen[slot.slot, default: 0], "\(slot.slot) went back")
        seen[slot.slot] = slot.revision
      }
      return true
    }
  }

  private func entry(_ ordinal: Int64, _ revision: UInt64) -> WatchImage.Entry {
    var slot = SlotAvailability()
    slot.productID = "p"
    slot.slot = "\(ordinal)"
    slot.revision = revision
    return WatchImage.Entry(
      SlotName(productID: "p", ordinal: ordinal), slot: slot.slot, WatchMessage.slot(slot))
  }

  @Test func readersOfAnySpeedSeeTheSame() throws {
    var random = SplitMix("watch image")
    for _ in 0..<12 {
      var image = WatchImage()
      var revision: UInt64 = 1
      var ordinals = Array(Int64(0)..<1_400)
      _ = image.replace(ordinals.map { entry($0, revision) })
      var readers = (0..<4).map { _ in Reader(position: .snapshot(image.goal)) }
      for _ in 0..<120 {
        revision += 1
        image.token = Array("t\(revision)".utf8)
        switch Int.random(in: 0..<12, using: &random) {
        case 0:
          // Slots go and come, as when a day is over or a schedule is edited.
          let gone = Int.random(in: 1..<700, using: &random)
          let first = Int64.random(in: 0..<300, using: &random)
          ordinals = (first..<1_500).filter { ($0 * 7 + Int64(revision)) % 1_500 > gone }
          _ = image.replace(ordinals.map { entry($0, revision) })
        case 1:
          _ = image.update(
            ordinals.indices.map { ($0, entry(ordinals[$0], revision).bytes) })
        default:
          let index = Int.random(in: 0..<ordinals.count, using: &random)
          _ = image.update([(index, entry(ordinals[index], revision).bytes)])
        }
        for index in readers.indices
        where Int.random(in: 0...index, using: &random) == 0 {
          _ = try readers[index].read(image)
        }
      }
      let expected = try truth(image)
      for index in readers.indices {
        while try readers[index].read(image) == true {}
        #expect(readers[index].slots == expected, "reader \(index)")
        #expect(readers[index].position.token == image.token)
      }
    }
  }

  private func truth(_ image: WatchImage) throws -> [String: SlotAvailability] {
    var slots: [String: SlotAvailability] = [:]
    for entry in image.entries {
      let message = try WatchAvailabilityResponse(decoding: entry.bytes.span)
      slots[entry.slot] = message.slots[0]
    }
    return slots
  }

  @Test func nothingNewIsNothingToTell() throws {
    var image = WatchImage()
    let isNews1 = image.replace([entry(1, 1), entry(2, 1)])
    #expect(isNews1)
    let isNews2 = image.replace([entry(1, 1), entry(2, 1)])
    #expect(!isNews2)
    let isNews3 = image.update([(1, entry(2, 1).bytes)])
    #expect(!isNews3)
    #expect(image.version == 1)
    let isNews4 = image.update([(1, entry(2, 2).bytes)])
    #expect(isNews4)
    #expect(image.version == 2)
  }

  @Test func anEmptyWatchHasASnapshotToo() throws {
    var image = WatchImage()
    let isNews5 = image.replace([])
    #expect(isNews5)
    var reader = Reader(position: .snapshot(image.goal))
    let first = try reader.read(image)
    #expect(first == true)
    let second = try reader.read(image)
    #expect(second == false)
  }

  @Test func aThousandChangesAreOneMessage() throws {
    var image = WatchImage()
    _ = image.replace([entry(1, 1), entry(2, 1)])
    var reader = Reader(position: .snapshot(image.goal))
    while try reader.read(image) == true {}
    for revision in UInt64(2)...1_001 { _ = image.update([(0, entry(1, revision).bytes)]) }
    let before = reader.messages
    while try reader.read(image) == true {}
    #expect(reader.messages == before + 1)
    #expect(reader.slots["1"]?.revision == 1_001)
  }

  @Test func whoMissedForgottenRemovalsNeedsASnapshot() throws {
    var image = WatchImage(removalsMax: 100)
    _ = image.replace((0..<200).map { entry($0, 1) })
    var slow = Reader(position: .snapshot(image.goal))
    var quick = slow
    while try slow.read(image) == true {}
    while try quick.read(image) == true {}
    _ = image.replace((100..<200).map { entry($0, 1) })
    while try quick.read(image) == true {}
    _ = image.replace((150..<200).map { entry($0, 1) })
    let outcome = try slow.read(image)
    #expect(outcome == nil)
    while try quick.read(image) == true {}
    #expect(quick.slots.count == 50)
  }

  @Test func whatCameBackIsNotTakenAway() throws {
    var image = WatchImage()
    _ = image.replace([entry(1, 1), entry(2, 1)])
    var reader = Reader(position: .snapshot(image.goal))
    while try reader.read(image) == true {}
    _ = image.replace([entry(2, 1)])
    _ = image.replace([entry(1, 2), entry(2, 1)])
    while try reader.read(image) == true {}
    #expect(reader.slots == (try truth(image)))
  }
}
