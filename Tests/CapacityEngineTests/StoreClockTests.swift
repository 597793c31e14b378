import Capacity
import Logging
import MemoryStorage
import Testing

@testable import CapacityEngine

/// The clock that decisions are made by, while the one behind it is set forward and back.
struct StoreClockTests {
  private let own = ManualClock()

  @Test func itNeverStandsBeforeADecision() {
    let clock = StoreClock { [own] in own.now }
    let start = own.now
    clock.set(start + Interval(seconds: 100))
    #expect(clock.now() == start + Interval(seconds: 100))
    clock.note(decision: start + Interval(seconds: 500))
    #expect(clock.now() == start + Interval(seconds: 500))
    // What is decided already is now, whatever our own clock says; what is to come is as far away as the store says.
    #expect(clock.own(at: start + Interval(seconds: 500)) == start)
    #expect(clock.own(at: start + Interval(seconds: 501)) == start + Interval(seconds: 401))
    clock.note(decision: start)
    #expect(clock.now() == start + Interval(seconds: 500))
    own.advance(1_000)
    #expect(clock.now() == start + Interval(seconds: 1_100))
  }

  @Test func whoAnswersWithoutTheLaneGoesByIt() {
    let clock = StoreClock({ [own] in own.now }, isShared: true)
    let start = own.now
    clock.set(start + Interval(seconds: 100))
    clock.readers.noteReading(at: start + Interval(seconds: 100))
    clock.readers.noteLook(at: start)
    #expect(clock.moment()?.now == start + Interval(seconds: 100))
    clock.note(decision: start + Interval(seconds: 500))
    #expect(clock.moment()?.now == start + Interval(seconds: 500))
    #expect(clock.moment()?.asOf == start + Interval(seconds: 100))
  }

  /// A clock that goes forward and back: what had run out at the latest decision is not waited for a second time.
  @Test(arguments: [true, false])
  func whatHasRunOutIsNotWaitedForAgain(isShared: Bool) throws {
    let store = MemoryStore(identity: StoreIdentity(namingKey: 7))
    let (clock, own) = (own, self.own)
    let storage =
      isShared
      ? try MemoryStorage(sharing: store, faults: Faults(), clock: { clock.now })
      : try MemoryStorage(store)
    let lane = Lane(
      storage: storage, set: try WarmUp.workingSet(of: storage, zone: { _ in .utc }),
      changes: ChangeHub(position: 0, catalogue: Catalogue()), naming: ReservationNaming(key: 7),
      logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
      clock: { own.now }, zone: { _ in .utc })
    for command in [Shop.hall(10), Shop.ticket, Shop.reserve("a", ttl: 60)] {
      lane.turn([.command(command) { _ in }])
    }
    own.advance(59)
    lane.turn([.command(Shop.reserve("b")) { _ in }])
    let decided = own.now
    own.advance(-3_600)
    #expect(lane.storeClock.now() == decided)
    // On a shared store this brings the news that its clock was set back.
    lane.turn([.command(Shop.reserve("c")) { _ in }])
    #expect(lane.storeClock.now() == decided)
    let wait = try #require(lane.nextTurn())
    #expect(wait <= own.now + Interval(seconds: 3_601))
    lane.storeClock.note(decision: decided + Interval(seconds: 1))
    #expect(try #require(lane.nextTurn()) <= own.now)
  }
}
