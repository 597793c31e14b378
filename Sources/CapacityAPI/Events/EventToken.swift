internal import Capacity
internal import CupoSchema

/// Where a reader of the log stands: the last event of each lane that it was sent, and whose log it is.
///
/// A vector in form; there is one lane today. It survives restarts: positions are the store's, not the process's.
struct EventToken: Equatable {
  struct Position: Equatable {
    var lane: UInt32
    var sequence: UInt64
  }

  var positions: [Position]

  private static let version: UInt8 = 1
  /// Lanes of one token at most; keeps it under 4,096 bytes.
  private static let lanesMax = 255

  init(positions: [Position]) {
    self.positions = positions
  }

  /// The place behind `sequence` of the log.
  init(after sequence: UInt64) {
    self.init(positions: [Position(lane: 0, sequence: sequence)])
  }

  /// The last event of the log.
  var sequence: UInt64 { positions.first?.sequence ?? 0 }

  /// Nil for bytes that were not given out by the same store for the same filter.
  init?(_ bytes: [UInt8], for filter: EventFilter, of store: StoreMark) {
    guard bytes.count > 2, bytes[0] == EventToken.version,
      bytes.count == 2 + Int(bytes[1]) * 12 + 8
    else { return nil }
    positions = (0..<Int(bytes[1])).map { index in
      let start = 2 + index * 12
      return Position(
        lane: UInt32(truncatingIfNeeded: TokenBytes.integer(bytes[start..<start + 4])),
        sequence: TokenBytes.integer(bytes[start + 4..<start + 12]))
    }
    guard positions.map(\.lane) == [0], self.bytes(for: filter, of: store) == bytes else {
      return nil
    }
  }

  func bytes(for filter: EventFilter, of store: StoreMark) -> [UInt8] {
    precondition(positions.count <= EventToken.lanesMax, "more lanes than a token has room for")
    var bytes = [EventToken.version, UInt8(positions.count)]
    for position in positions {
      TokenBytes.append(UInt64(position.lane), count: 4, &bytes)
      TokenBytes.append(position.sequence, &bytes)
    }
    var hash = TokenBytes.Hash()
    for type in filter.types.map(\.rawValue).sorted() { hash.mix("\(type)".utf8) }
    hash.mix(filter.sellerIDs.sorted().joined(separator: " ").utf8)
    hash.mix(store.bytes)
    hash.mix(bytes)
    TokenBytes.append(hash.value, &bytes)
    return bytes
  }
}
