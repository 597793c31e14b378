internal import Capacity
internal import CupoSchema
internal import Protobuf

/// Puts messages of a watch together from slots that are encoded already.
///
/// Fields of a message may follow one another in any portions: the wire forms of two messages, one behind the other, are the
/// wire form of both together.
enum WatchMessage {
  /// A slot as it stands in a response, and nothing else of it.
  static func slot(_ slot: SlotAvailability) -> [UInt8] {
    var response = WatchAvailabilityResponse()
    response.slots = [slot]
    return response.encoded()
  }

  /// The end of a slot, as it stands in a response.
  static func removal(_ productID: String, slot id: String) -> [UInt8] {
    var slot = SlotAvailability()
    slot.productID = productID
    slot.slot = id
    slot.removed = true
    return self.slot(slot)
  }

  /// A whole message.
  static func message(
    _ kind: WatchAvailabilityResponse.Kind, _ slots: [[UInt8]] = [], token: [UInt8] = [],
    asOf: Instant
  ) -> [UInt8] {
    var head = WatchAvailabilityResponse()
    head.kind = kind
    var tail = WatchAvailabilityResponse()
    tail.resumeToken = token
    tail.asOf = asOf.timestamp
    var bytes: [UInt8] = []
    bytes.reserveCapacity(slots.reduce(96) { $0 + $1.count })
    head.encode(into: &bytes)
    for slot in slots { bytes += slot }
    tail.encode(into: &bytes)
    return bytes
  }
}
