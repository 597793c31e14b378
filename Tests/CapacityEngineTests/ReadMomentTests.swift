import Capacity
import MemoryStorage
import Testing

@testable import CapacityEngine

/// When those may say that an answer is true who do not ask the lane.
struct ReadMomentTests {
  private func at(_ seconds: Int64) -> Instant { Instant(seconds: seconds) }

  private func moment(_ moments: ReadMoments, _ seconds: Int64) -> ReadMoment? {
    moments.moment(now: at(seconds), own: at(seconds))
  }

  @Test func nothingIsDecidedBeforeWhatWasTold() throws {
    let moments = ReadMoments(isShared: false)
    #expect(moment(moments, 10)?.asOf == at(10))
    // The clock is set back; what was told stays told.
    let back = try #require(moment(moments, 5))
    #expect(back.asOf == at(10) && back.now == at(10))
    moments.begin()
    #expect(moments.told == at(10))
    // Nobody knows yet when the batch is decided.
    #expect(moment(moments, 12) == nil)
    // Who looked too early to be told has raised it all the same, which does no harm.
    #expect(moments.told == at(12))
    moments.decide(at: at(11))
    let during = try #require(moment(moments, 13))
    #expect(during.asOf == at(11) && during.now == at(13))
    #expect(moments.told == at(12))
    moments.end()
    #expect(moment(moments, 13)?.asOf == at(13))
  }

  @Test func ofASharedStoreMemoryIsTrueForWhenItWasInStep() throws {
    let moments = ReadMoments(isShared: true)
    #expect(moment(moments, 10) == nil)
    moments.noteReading(at: at(100))
    moments.noteLook(at: at(10))
    let fresh = try #require(moments.moment(now: at(101), own: at(10)))
    #expect(fresh.asOf == at(100) && fresh.now == at(101))
    let edge = at(10) + SharedStore.readableFor
    #expect(moments.moment(now: at(101), own: edge) != nil)
    #expect(moments.moment(now: at(101), own: edge + Interval(microseconds: 1)) == nil)
    #expect(moments.moment(now: at(101), own: at(9)) == nil)
  }

  /// Instants of one node never go back, whoever answers; the clock does.
  @Test func theLaneDecidesBehindWhatWasTold() throws {
    let bench = try Bench()
    bench.clock.advance(100)
    let told = try #require(bench.lane.storeClock.moment())
    #expect(told.asOf == bench.clock.now)
    bench.clock.advance(-50)
    let reading = try #require(bench.read())
    #expect(reading.asOf == told.asOf)
    #expect(bench.lane.storeClock.moment()?.asOf == told.asOf)
  }

  @Test func aNodeTellsWhatItReadAsLongAsItIsFresh() throws {
    let store = MemoryStore(identity: StoreIdentity(namingKey: 7))
    let clock = ManualClock()
    let node = try Node(store, clock)
    #expect(node.lane.storeClock.moment() == nil)
    let reading = try #require(node.read())
    let moment = try #require(node.lane.storeClock.moment())
    #expect(moment.asOf == reading.asOf)
    clock.advance(1)
    #expect(node.lane.storeClock.moment() == nil)
    // The store fails: memory is as old as it is.
    node.faults.arm(.fail(Faults.full), at: .begin, count: 100)
    _ = node.read()
    #expect(node.lane.storeClock.moment() == nil)
  }

  @Test func whatChangedIsStamped() throws {
    let bench = try Bench()
    let run = PoolRun(resourceID: "hall", ordinals: 0...0)
    let hall = bench.hub.stamps(of: run)
    let before = try #require(bench.read())
    #expect(
      hall.areUnchanged(since: before.position) && bench.hub.revision == before.catalogue.revision)
    _ = bench.turn([Shop.reserve("a")])
    #expect(!hall.areUnchanged(since: before.position))
    #expect(hall.areUnchanged(since: bench.hub.position))
    #expect(bench.read()?.position == bench.hub.position)
    // An extension and the end of a hold, too; a change of definitions changes their revision.
    bench.clock.advance(60)
    let held = bench.hub.position
    _ = bench.read()
    bench.lane.turn([])
    #expect(!hall.areUnchanged(since: held))
    let stamped = bench.hub.position
    _ = bench.turn([Shop.hall(11)])
    #expect(bench.hub.revision > before.catalogue.revision)
    bench.hub.publishAnew(position: stamped + 100, catalogue: bench.hub.catalogue)
    #expect(!hall.areUnchanged(since: stamped + 99))
    #expect(hall.areUnchanged(since: stamped + 100))
  }

  /// However many resources there are, and days of each.
  @Test func stampsHaveALimit() {
    let stamps = ChangeStamps()
    let runs = (0..<5_000).map {
      stamps.stamps(of: PoolRun(resourceID: "r\($0)", ordinals: 20_000...20_001))
    }
    let all = Set(runs.flatMap { [$0.whole] + $0.days }.map { ObjectIdentifier($0) })
    #expect(all.count <= ChangeStamps.count)
    let longest = Int64(ChangeStamps.daysMax)
    for (range, count) in [
      (20_000...20_000 + longest - 1, ChangeStamps.daysMax), (20_000...20_000 + longest, 0),
      (1_796_083_200...1_796_083_200 + 86_399, 1), (1_796_083_199...1_796_083_200, 2),
      (5...1_796_083_200, 0), (Int64.min...Int64.max, 0), (Int64.min...0, 0),
    ] {
      let run = PoolRun(resourceID: "r", ordinals: range)
      #expect(stamps.stamps(of: run).days.count == count, "\(range)")
    }
  }

  /// A change of one day leaves the others what they are; a run of too many days looks changed by any.
  @Test func daysAreStampedApart() {
    for first in [Int64(20_000), 1_796_083_200] {
      let step: Int64 = first == 20_000 ? 1 : 86_400
      let stamps = ChangeStamps()
      func run(_ days: ClosedRange<Int64>) -> RunStamps {
        let range = first + days.lowerBound * step...first + days.upperBound * step
        return stamps.stamps(of: PoolRun(resourceID: "r", ordinals: range))
      }
      stamps.note(PoolKey(resourceID: "r", ordinal: first + 3 * step), 7)
      let changed = (0...30).filter { !run($0...$0).areUnchanged(since: 6) }
      // One stamp in 4,096 may be shared.
      #expect(changed.contains(3) && changed.count <= 2)
      #expect(!run(0...10).areUnchanged(since: 6) && run(0...10).areUnchanged(since: 7))
      #expect(!run(10...200).areUnchanged(since: 6) && run(10...200).areUnchanged(since: 7))
    }
  }
}
