/// Some of a store's lanes, by their numbers from 0.
///
/// A lane is what writers lock: all that concerns one seller is decided in the seller's lane, one batch after another. Batches of
/// different lanes do not wait for each other until they append to the log, which all lanes share.
package struct LaneSet: Hashable, Sendable {
  /// A store has no more of them.
  package static let countMax = 64

  private var bits: UInt64

  package init() {
    bits = 0
  }

  private init(bits: UInt64) {
    self.bits = bits
  }

  /// One lane.
  package init(_ lane: Int) {
    bits = 1 << UInt64(lane)
  }

  /// The lanes of a store that has `count`.
  package static func all(_ count: Int) -> LaneSet {
    LaneSet(bits: .max >> UInt64(countMax - count))
  }

  package var isEmpty: Bool { bits == 0 }
  package var count: Int { bits.nonzeroBitCount }

  package func contains(_ lane: Int) -> Bool { bits & 1 << UInt64(lane) != 0 }
  package func isSubset(of other: LaneSet) -> Bool { bits & ~other.bits == 0 }
  package func isDisjoint(with other: LaneSet) -> Bool { bits & other.bits == 0 }
  package func union(_ other: LaneSet) -> LaneSet { LaneSet(bits: bits | other.bits) }
  package func subtracting(_ other: LaneSet) -> LaneSet { LaneSet(bits: bits & ~other.bits) }
  package func intersection(_ other: LaneSet) -> LaneSet { LaneSet(bits: bits & other.bits) }
  package mutating func formUnion(_ other: LaneSet) { bits |= other.bits }
}

extension LaneSet: Sequence {
  /// Their numbers, ascending.
  package func makeIterator() -> Iterator { Iterator(bits: bits) }

  package struct Iterator: IteratorProtocol {
    fileprivate var bits: UInt64

    package mutating func next() -> Int? {
      guard bits != 0 else { return nil }
      defer { bits &= bits - 1 }
      return bits.trailingZeroBitCount
    }
  }
}

/// How sellers are spread over lanes.
package enum SellerLane {
  /// The lane of a seller in a store of `count` lanes. It never changes: stores rely on it.
  package static func number(of sellerID: String, count: Int) -> Int {
    guard count > 1 else { return 0 }
    return Int(FNV1a(sellerID).value % UInt64(count))
  }
}
