import Capacity
import Testing

/// What each command does in each state (SYSTEM.md section 4), and idempotency.
struct LedgerTests {
  /// A desk with ten tickets, and reservation 1 of three of them in `state`.
  private func desk(_ state: Reservation.State) -> Desk {
    var desk = Desk()
    desk.put(stock("hall", 10))
    desk.put(product("ticket", Draw(resourceID: "hall")))
    desk.reserve(line("ticket", 3), key: "first", ttl: 60)
    switch state {
    case .held: break
    case .consumed: desk.consume(1)
    case .released: desk.release(1)
    case .expired:
      desk.advance(60)
      desk.expire()
    case .cancelled:
      // Cancel is a later version's command; its outcome can be loaded all the same.
      desk.release(1)
      guard var reservation = desk.set.reservation(1) else { preconditionFailure("not there") }
      reservation.lines[0].released = 0
      reservation.lines[0].cancelled = 3
      reservation.state = .cancelled
      desk.set.load(reservation)
    }
    return desk
  }

  private enum Act: CaseIterable { case consume, reacquire, release }
  private enum Result: Equatable {
    case done(Reservation.State)
    case replay(Reservation.State)
    case rejected(Rejection)
  }

  private static let matrix: [(Act, Reservation.State, Result)] = [
    (.consume, .held, .done(.consumed)),
    (.consume, .consumed, .replay(.consumed)),
    (.consume, .released, .rejected(.alreadyReleased)),
    (.consume, .expired, .rejected(.reservationExpired([]))),
    (.consume, .cancelled, .rejected(.alreadyCancelled)),
    (.reacquire, .held, .done(.consumed)),
    (.reacquire, .consumed, .replay(.consumed)),
    (.reacquire, .released, .rejected(.alreadyReleased)),
    (.reacquire, .expired, .done(.consumed)),
    (.reacquire, .cancelled, .rejected(.alreadyCancelled)),
    (.release, .held, .done(.released)),
    (.release, .consumed, .rejected(.alreadyConsumed)),
    (.release, .released, .replay(.released)),
    (.release, .expired, .replay(.expired)),
    (.release, .cancelled, .rejected(.alreadyCancelled)),
  ]

  @Test func everyCommandInEveryState() {
    #expect(
      LedgerTests.matrix.count == Act.allCases.count * Reservation.State.allCases.count)
    for (act, state, expected) in LedgerTests.matrix {
      var desk = desk(state)
      let before = desk.set.reservation(1)
      let outcome =
        switch act {
        case .consume: desk.consume(1)
        case .reacquire: desk.consume(1, reacquire: true)
        case .release: desk.release(1)
        }
      let found: Result
      if let rejection = outcome.rejection {
        found = .rejected(rejection)
      } else if let reservation = outcome.reservation, let isReplay = outcome.isReplay {
        found = isReplay ? .replay(reservation.state) : .done(reservation.state)
      } else {
        Issue.record("\(act) \(state): \(outcome)")
        continue
      }
      #expect(found == expected, "\(act) \(state)")
      if case .done = expected {
        #expect(desk.set.reservation(1)?.version == before.map { $0.version + 1 })
      } else {
        #expect(desk.set.reservation(1) == before, "\(act) \(state)")
      }
    }
  }

  @Test func aReservationThatNeverWasOrIsAnothers() {
    var desk = desk(.held)
    #expect(desk.consume(99).rejection == .reservationNotFound)
    #expect(desk.consume(0).rejection == .reservationNotFound)
    #expect(desk.consume(1, scope: .buyer("eve")).rejection == .reservationNotFound)
    #expect(desk.release(1, scope: .buyer("eve")).rejection == .reservationNotFound)
    #expect(desk.release(1, scope: .buyer("bea")).rejection == nil)
  }

  @Test func partialAmounts() throws {
    var desk = desk(.held)
    let one = [LineAmount(line: 0, quantity: 1)]
    #expect(desk.consume(1, one, id: "a").reservation?.state == .held)
    #expect(desk.release(1, one, id: "b").reservation?.state == .held)
    #expect(desk.view("hall").pool == Pool(held: 1, consumed: 1, revision: 3))
    // The same request again, also after others.
    #expect(desk.consume(1, one, id: "a").isReplay == true)
    #expect(desk.release(1, one, id: "b").isReplay == true)
    // The same id for something else.
    #expect(
      desk.consume(1, [LineAmount(line: 0, quantity: 2)], id: "a").rejection
        == .keyReused(field: "amounts"))
    #expect(desk.release(1, one, id: "a").rejection == .keyReused(field: "request_id"))
    #expect(
      desk.consume(1, [LineAmount(line: 0, quantity: 2)], id: "c").rejection
        == .exceedsHeld(line: 0, requested: 2, held: 1))
    guard case .violations? = desk.consume(1, [LineAmount(line: 1, quantity: 1)], id: "d").rejection
    else {
      Issue.record("an unknown line is accepted")
      return
    }
    guard case .violations? = desk.consume(1, one + one, id: "e").rejection else {
      Issue.record("a line is accepted twice")
      return
    }
    // The rest expires; what was consumed stays.
    desk.advance(60)
    desk.expire()
    let rest = try #require(desk.set.reservation(1))
    #expect(rest.state == .consumed)
    #expect(rest.closedAt == rest.expiresAt)
    #expect(
      rest.lines[0].consumed == 1 && rest.lines[0].released == 1 && rest.lines[0].expired == 1)
    #expect(desk.consume(1, one, id: "a").isReplay == true)
    #expect(desk.view("hall").pool.consumed == 1)
  }

  @Test func requestsOfOneReservationHaveALimit() {
    var desk = Desk()
    desk.put(stock("hall", 1000))
    desk.put(product("ticket", Draw(resourceID: "hall")))
    desk.reserve(line("ticket", 500))
    let one = [LineAmount(line: 0, quantity: 1)]
    for index in 0..<AppliedRequest.countMax {
      #expect(desk.consume(1, one, id: "r\(index)").rejection == nil)
    }
    guard case .violations? = desk.consume(1, one, id: "more").rejection else {
      Issue.record("more requests than are remembered")
      return
    }
    #expect(desk.consume(1, one, id: "r0").isReplay == true)
    // Nothing is stuck: the rest can be released.
    #expect(desk.release(1).reservation?.state == .consumed)
  }

  @Test func theSameKeyIsTheSameReservation() {
    var desk = desk(.held)
    let again = desk.reserve(line("ticket", 3), key: "first", ttl: 60)
    #expect(again.isReplay == true && again.reservation?.number == 1)
    #expect(desk.view("hall").pool.held == 3)
    // Capacity has changed, the pool is paused, time has passed: still the first answer, as it stands now.
    var hall = stock("hall", 0)
    hall.closures = [
      Closure(
        id: "c", dates: DateRange(from: .first, to: .last), reason: .vacation)
    ]
    desk.put(hall)
    #expect(desk.reserve(line("ticket", 3), key: "first", ttl: 60).isReplay == true)
    desk.advance(60)
    let late = desk.reserve(line("ticket", 3), key: "first", ttl: 60)
    #expect(late.isReplay == true && late.reservation?.state == .expired)
  }

  @Test func theFirstFieldThatDiffersIsNamed() {
    let rows: [(String, [Command.RequestedLine], Int64?, String)] = [
      ("lines[0].product_id", [line("other", 9, slot: "x")], 61, "r"),
      ("lines[0].slot", [line("ticket", 9, slot: "x")], 61, "r"),
      ("lines[0].quantity", [line("ticket", 9)], 61, "r"),
      ("lines", [line("ticket", 3), line("ticket")], 61, "r"),
      ("ttl", [line("ticket", 3)], 61, "r"),
      ("ttl", [line("ticket", 3)], nil, ""),
      ("reference", [line("ticket", 3)], 60, "r"),
    ]
    for (field, lines, ttl, reference) in rows {
      var desk = desk(.held)
      let outcome = desk.run(
        .reserve(
          Command.Reserve(
            key: IdempotencyKey(buyerID: "bea", key: "first"), lines: lines,
            ttl: ttl.map { Interval(seconds: $0) }, reference: reference, actor: "bea")))
      #expect(outcome.rejection == .keyReused(field: field))
      #expect(desk.view("hall").pool.held == 3)
    }
    // Another buyer's key is another key.
    var desk = desk(.held)
    #expect(desk.reserve(line("ticket", 1), buyer: "eve", key: "first").isReplay == false)
  }

  @Test func aRejectionLeavesNoTrace() {
    var desk = desk(.held)
    let before = desk.set.counters
    #expect(desk.reserve(line("ticket", 8), key: "k").rejection != nil)
    #expect(desk.set.counters.nextReservation == before.nextReservation)
    #expect(desk.set.counters.nextSequence == before.nextSequence)
    desk.release(1)
    #expect(desk.reserve(line("ticket", 8), key: "k").isReplay == false)
  }

  @Test func allLinesOrNone() {
    var desk = desk(.held)
    let outcome = desk.reserve(line("ticket", 4), line("nothing", 1), line("ticket", 4))
    guard case .lines(let failures)? = outcome.rejection else {
      Issue.record("\(outcome)")
      return
    }
    // Eight of seven: both lines of the product fail, and the unknown one.
    #expect(failures.map(\.line) == [0, 1, 2])
    #expect(failures.map(\.obstacle.rank) == [16, 1, 16])
    #expect(desk.view("hall").pool.held == 3)
  }

  @Test func timesToLive() throws {
    let rows: [(HoldPolicy, HoldPolicy, Int64?, Int64)] = [
      (HoldPolicy(), HoldPolicy(), nil, 900),
      (HoldPolicy(), HoldPolicy(), 1, 1),
      (HoldPolicy(), HoldPolicy(), 200_000, 86_400),
      (HoldPolicy(defaultTTL: Interval(seconds: 30)), HoldPolicy(), nil, 30),
      (
        HoldPolicy(defaultTTL: Interval(seconds: 2000)),
        HoldPolicy(defaultTTL: Interval(seconds: 3000)), nil, 2000
      ),
      (HoldPolicy(maxTTL: Interval(seconds: 40)), HoldPolicy(), 60, 40),
      (HoldPolicy(maxTTL: Interval(seconds: 40)), HoldPolicy(), nil, 40),
      (
        HoldPolicy(maxTTL: Interval(seconds: 40)), HoldPolicy(maxTTL: Interval(seconds: 20)), 60, 20
      ),
      (HoldPolicy(maxHoldAge: Interval(seconds: 50)), HoldPolicy(), 60, 50),
    ]
    for (first, second, asked, seconds) in rows {
      var desk = Desk()
      desk.put(stock("hall", 10))
      var a = product("a", Draw(resourceID: "hall"))
      a.holds = first
      desk.put(a)
      var b = product("b", Draw(resourceID: "hall"))
      b.holds = second
      desk.put(b)
      let reservation = desk.reserve(line("a"), line("b"), ttl: asked).reservation
      #expect(
        try #require(reservation).expiresAt == desk.now + Interval(seconds: seconds), "\(first)")
    }
  }

  @Test func aSeasonHasATimeToLiveOfItsOwn() {
    var desk = Desk()
    var pool = daily("pool", 10)
    pool.seasons = [
      Season(
        id: "s", dates: DateRange(from: date("2026-12-24"), to: date("2026-12-24")),
        defaultTTL: Interval(seconds: 120))
    ]
    desk.put(pool)
    desk.put(product("p", Draw(resourceID: "pool")))
    let inside = desk.reserve(line("p", slot: "2026-12-24")).reservation
    let outside = desk.reserve(line("p", slot: "2026-12-25")).reservation
    #expect(inside?.expiresAt == desk.now + Interval(seconds: 120))
    #expect(outside?.expiresAt == desk.now + Interval(seconds: 900))
  }

  @Test func expiryIsExactAndInOrder() {
    var desk = desk(.held)
    desk.reserve(line("ticket", 2), ttl: 30)
    desk.reserve(line("ticket", 5), ttl: 30)
    desk.now = desk.now + Interval(microseconds: 29_999_999)
    #expect(desk.view("hall").pool.held == 10)
    #expect(
      desk.reserve(line("ticket")).obstacle
        == .heldByOthers(nextExpiry: desk.now + Interval(microseconds: 1)))
    desk.now = desk.now + Interval(microseconds: 1)
    #expect(desk.view("hall").pool.held == 3)
    desk.advance(1000)
    #expect(desk.view("hall").pool.held == 0)
    let expired = desk.events.filter { $0.kind == .reservationExpired }
    let start = instant("2026-12-01T12:00:00")
    #expect(expired.map(\.at) == [30, 30, 60].map { start + Interval(seconds: $0) })
    let numbers = expired.map { event -> UInt64 in
      guard case .reservation(let reservation) = event.subject else { return 0 }
      return reservation.number
    }
    #expect(numbers == [2, 3, 1])
    #expect(desk.events.map(\.sequence) == Array(1...UInt64(desk.events.count)))
  }

  @Test func theDecisionClockNeverGoesBack() {
    var desk = desk(.held)
    desk.advance(60)
    desk.expire()
    desk.set.commit()
    desk.advance(-30)
    // A clock that was set back does not bring the hold back.
    #expect(desk.consume(1).rejection == .reservationExpired([]))
    #expect(desk.view("hall").pool.held == 0)
  }

  @Test func reacquireUnderTheRulesOfThatMoment() {
    var sold = desk(.expired)
    #expect(sold.consume(1, reacquire: true).reservation?.reacquired == true)
    #expect(sold.view("hall").pool == Pool(held: 0, consumed: 3, revision: 3))

    var scarce = desk(.expired)
    let other = scarce.reserve(line("ticket", 8)).reservation
    guard case .reservationExpired(let failures)? = scarce.consume(1, reacquire: true).rejection
    else {
      Issue.record("reacquired what others hold")
      return
    }
    #expect(failures.map(\.obstacle.kind) == [.heldByOthers(nextExpiry: other?.expiresAt)])
    // Once there is room again it works: the failed try left no trace.
    scarce.release(2)
    #expect(scarce.consume(1, reacquire: true).isReplay == false)
    #expect(scarce.consume(1, reacquire: true).isReplay == true)

    var paused = desk(.expired)
    var hall = stock("hall", 10)
    hall.saleWindow = SaleWindow(onSaleUntil: paused.now)
    paused.put(hall)
    guard case .reservationExpired(let rules)? = paused.consume(1, reacquire: true).rejection
    else {
      Issue.record("reacquired what is not on sale")
      return
    }
    #expect(rules.map(\.obstacle.kind) == [.saleEnded(at: paused.now)])
  }

  @Test func partialReacquire() {
    var desk = desk(.expired)
    let two = [LineAmount(line: 0, quantity: 2)]
    let outcome = desk.consume(1, two, id: "a", reacquire: true)
    #expect(outcome.reservation?.lines[0].consumed == 2)
    #expect(outcome.reservation?.lines[0].expired == 1)
    #expect(desk.view("hall").pool.consumed == 2)
    #expect(desk.consume(1, two, id: "a", reacquire: true).isReplay == true)
    #expect(desk.view("hall").pool.consumed == 2)
  }

  @Test func unitsGoBackToWhereTheyCameFrom() {
    var desk = desk(.held)
    desk.put(stock("annex", 10))
    desk.put(product("ticket", Draw(resourceID: "annex", units: 2)))
    desk.consume(1, [LineAmount(line: 0, quantity: 1)], id: "a")
    desk.release(1)
    #expect(desk.view("hall").pool.held == 0 && desk.view("hall").pool.consumed == 1)
    #expect(desk.view("annex").pool == .untouched)
  }
}
