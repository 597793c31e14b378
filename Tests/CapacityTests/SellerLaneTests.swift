import Testing

@testable import Capacity

struct SellerLaneTests {
  /// Stores rely on it: what is in a lane today must be in it tomorrow.
  @Test func aSellersLaneNeverChanges() {
    let names = ["seller-1", "seller-3", "red", "blue", "Müller", ""]
    #expect(names.map { SellerLane.number(of: $0, count: 1) } == [0, 0, 0, 0, 0, 0])
    #expect(names.map { SellerLane.number(of: $0, count: 3) } == [1, 0, 1, 2, 1, 2])
    #expect(names.map { SellerLane.number(of: $0, count: 64) } == [16, 54, 28, 13, 28, 37])
  }

  @Test(arguments: [2, 3, 8, 64])
  func sellersAreSpreadOverAllLanes(count: Int) {
    var sellers = Array(repeating: 0, count: count)
    for number in 0..<10_000 {
      sellers[SellerLane.number(of: "seller-\(number)", count: count)] += 1
    }
    let fair = 10_000 / count
    #expect(sellers.allSatisfy { abs($0 - fair) < fair / 2 }, "\(sellers)")
  }

  @Test func setsOfLanes() {
    let some = LaneSet(3).union(LaneSet(63)).union(LaneSet(0))
    #expect(Array(some) == [0, 3, 63] && some.count == 3 && some.contains(63) && !some.contains(1))
    #expect(Array(LaneSet.all(3)) == [0, 1, 2] && LaneSet.all(64).count == 64)
    #expect(some.isSubset(of: .all(64)) && !some.isSubset(of: .all(63)))
    #expect(Array(some.intersection(.all(5))) == [0, 3])
    #expect(Array(some.subtracting(LaneSet(3))) == [0, 63])
    #expect(some.isDisjoint(with: LaneSet(1)) && !some.isDisjoint(with: LaneSet(3)))
  }

  @Test func aStoreThatGetsMoreLanesForgetsNothing() {
    var state = StoreCounters(
      nextReservation: 9, nextSequence: 20, audit: AuditHead(sequence: 4),
      marks: [
        LaneMark(lastSequence: 19, lastDecision: Instant(seconds: 3), poolsWrittenTo: 19),
        LaneMark(lastSequence: 12, lastDecision: Instant(seconds: 5), poolsWrittenTo: 7),
        // It has nothing behind its promise.
        LaneMark(lastSequence: 2, lastDecision: Instant(seconds: 1), poolsWrittenTo: 2),
      ])
    #expect(state.poolsWrittenTo == 7 && state.lastDecision == Instant(seconds: 5))
    state = state.spread(over: 2)
    #expect(state.nextReservation == 9 && state.nextSequence == 20 && state.audit.sequence == 4)
    let mark = LaneMark(lastSequence: 19, lastDecision: Instant(seconds: 5), poolsWrittenTo: 7)
    #expect(state.marks == [mark, mark])
  }
}
