import Capacity
import Testing

/// Extend and Cancel: SYSTEM.md section 4, row by row.
struct LaterTests {
  private func desk(extensions: Int = 2, age: Int64? = nil) -> Desk {
    var desk = Desk()
    desk.put(stock("kits", 10))
    var kit = product("kit", Draw(resourceID: "kits", units: 2))
    kit.holds.maxExtensions = extensions
    kit.holds.maxHoldAge = age.map { Interval(seconds: $0) }
    desk.put(kit)
    return desk
  }

  @Test func anExtensionMovesTheTimerAndTheHoldLivesOn() {
    var desk = desk()
    desk.reserve(line("kit"), ttl: 60)
    desk.advance(50)
    let outcome = desk.extend(1, 120)
    #expect(outcome.isReplay == false)
    #expect(outcome.reservation?.expiresAt == desk.now + Interval(seconds: 120))
    #expect(desk.events.last?.kind == .reservationExtended)
    // Nothing moved, but whoever follows the pool learns of its new expiry.
    #expect(desk.events.last?.movements.map(\.held) == [0])
    #expect(desk.view("kits").pool.revision == 2)
    desk.advance(60)
    #expect(desk.view("kits").pool.held == 2)
    #expect(desk.view("kits").nextExpiry == desk.now + Interval(seconds: 60))
    desk.advance(60)
    #expect(desk.view("kits").pool.held == 0)
  }

  @Test func theTimerNeverGoesBackAndARefusalLeavesIt() {
    var desk = desk(extensions: 1, age: 300)
    desk.reserve(line("kit"), ttl: 100)
    let first = desk.set.reservation(1)
    #expect(
      desk.extend(1, 301).rejection == .extensionLimit(latest: desk.now + Interval(seconds: 300)))
    #expect(desk.set.reservation(1) == first)
    #expect(desk.extend(1, 10, id: "short").reservation?.expiresAt == first?.expiresAt)
    #expect(desk.set.reservation(1)?.extensions == 0)
    #expect(desk.extend(1, 300, id: "long").reservation?.extensions == 1)
    #expect(desk.extend(1, 300, id: "again").rejection == .extensionLimit(latest: nil))
    #expect(desk.extend(1, 300, id: "long").isReplay == true)
    #expect(desk.extend(1, 299, id: "long").rejection == .keyReused(field: "ttl"))
    #expect(desk.extend(2, 10).rejection == .reservationNotFound)
    #expect(desk.extend(1, 10, scope: .buyer("eve")).rejection == .reservationNotFound)
  }

  @Test func whatAReservationRemembersHasAnEnd() {
    var desk = desk(extensions: 1000)
    desk.reserve(line("kit"), ttl: 100)
    for index in 0..<AppliedRequest.countMax {
      #expect(desk.extend(1, 100, id: "r\(index)").rejection == nil)
    }
    guard case .violations? = desk.extend(1, 100, id: "more").rejection else {
      Issue.record("no limit")
      return
    }
    #expect(desk.extend(1, 100, id: "r0").isReplay == true)
  }

  /// Puts a reservation into each state.
  private func reservation(_ state: Reservation.State, _ desk: inout Desk) {
    desk.reserve(line("kit"), ttl: 100)
    switch state {
    case .held: break
    case .consumed: desk.consume(1)
    case .released: desk.release(1)
    case .expired: desk.advance(100)
    case .cancelled:
      desk.consume(1)
      desk.cancel(1)
    }
  }

  @Test(arguments: [
    (Reservation.State.held, Rejection?.none, Rejection?.some(.notConsumed)),
    (.consumed, .alreadyConsumed, nil), (.released, .alreadyReleased, .notConsumed),
    (.expired, .reservationExpired([]), .notConsumed), (.cancelled, .alreadyCancelled, nil),
  ])
  func everyState(_ state: Reservation.State, _ extended: Rejection?, _ cancelled: Rejection?) {
    var desk = desk()
    reservation(state, &desk)
    #expect(desk.extend(1, 200).rejection == extended)
    let outcome = desk.cancel(1)
    #expect(outcome.rejection == cancelled)
    if cancelled == nil {
      #expect(outcome.isReplay == (state == .cancelled))
      #expect(outcome.reservation?.state == .cancelled)
      #expect(desk.view("kits").pool == Pool(held: 0, consumed: 0, revision: 3))
    }
  }

  @Test func aSellerCancelsItsOwnLinesByItsOwnIndices() {
    var desk = desk()
    desk.put(Resource(id: "mugs", sellerID: "luz", inventory: .stock(total: .units(9))))
    desk.put(Product(id: "mug", sellerID: "luz", draws: [Draw(resourceID: "mugs")]))
    desk.reserve(line("kit"), line("mug", 3))
    desk.consume(1)
    let luz = Command.Scope.seller("luz")
    #expect(desk.cancel(1, scope: .seller("eve")).rejection == .reservationNotFound)
    guard
      case .violations(let list)? =
        desk.cancel(1, [LineAmount(line: 1, quantity: 1)], id: "a", scope: luz).rejection
    else {
      Issue.record("line 1 is another seller's")
      return
    }
    #expect(list.map(\.field) == ["amounts[0].line"])
    let part = [LineAmount(line: 0, quantity: 1)]
    #expect(desk.cancel(1, part, id: "a", scope: luz).reservation?.lines[1].cancelled == 1)
    #expect(desk.cancel(1, part, id: "a", scope: luz).isReplay == true)
    // The same id from one who sees all lines means the same units by their own index.
    #expect(desk.cancel(1, part, id: "a").rejection == .keyReused(field: "amounts"))
    let rest = desk.cancel(1, scope: luz)
    #expect(rest.reservation?.lines.map(\.consumed) == [1, 0])
    #expect(rest.reservation?.state == .consumed)
    #expect(desk.cancel(1, scope: luz).isReplay == true)
    #expect(desk.events.last?.reason == "refund")
    #expect(desk.cancel(1).reservation?.state == .cancelled)
  }
}
