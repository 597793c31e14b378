extension Ledger {
  static func consume(
    _ command: Command.Resolve, _ set: inout WorkingSet, _ now: Instant
  ) -> Outcome {
    guard let reservation = visible(command.number, command.scope, set) else {
      return .rejected(.reservationNotFound)
    }
    if let repeated = applied(command, .consume, to: reservation) {
      return repeated.map { .rejected($0) } ?? .consumed(reservation, replayed: true)
    }
    switch reservation.state {
    case .held:
      switch quantities(command, reservation, \.held, exceeds) {
      case .rejected(let rejection): return .rejected(rejection)
      case .quantities(let quantities):
        return .consumed(consumeHeld(quantities, reservation, command, &set, now), replayed: false)
      }
    case .consumed:
      return replayOrRefuse(command, reservation, exceeds) { .consumed($0, replayed: true) }
    case .released: return .rejected(.alreadyReleased)
    case .cancelled: return .rejected(.alreadyCancelled)
    case .expired:
      guard command.reacquire else { return .rejected(.reservationExpired([])) }
      return reacquire(command, reservation, &set, now)
    }
  }

  static func release(
    _ command: Command.Resolve, _ set: inout WorkingSet, _ now: Instant
  ) -> Outcome {
    guard let reservation = visible(command.number, command.scope, set) else {
      return .rejected(.reservationNotFound)
    }
    if let repeated = applied(command, .release, to: reservation) {
      return repeated.map { .rejected($0) } ?? .released(reservation, replayed: true)
    }
    switch reservation.state {
    case .held:
      switch quantities(command, reservation, \.held, exceeds) {
      case .rejected(let rejection): return .rejected(rejection)
      case .quantities(let quantities):
        return .released(releaseHeld(quantities, reservation, command, &set, now), replayed: false)
      }
    case .consumed: return .rejected(.alreadyConsumed)
    case .released:
      return replayOrRefuse(command, reservation, exceeds) { .released($0, replayed: true) }
    case .expired: return .released(reservation, replayed: true)
    case .cancelled: return .rejected(.alreadyCancelled)
    }
  }

  private static func exceeds(line: Int, requested: Int64, held: Int64) -> Rejection {
    .exceedsHeld(line: line, requested: requested, held: held)
  }

  // MARK: The steps

  private static func consumeHeld(
    _ quantities: [Int64], _ before: Reservation, _ command: Command.Resolve,
    _ set: inout WorkingSet, _ now: Instant
  ) -> Reservation {
    var reservation = before
    let movements = move(quantities, of: reservation, .consumeHeld, &set)
    for (index, quantity) in quantities.enumerated() {
      reservation.lines[index].held -= quantity
      reservation.lines[index].consumed += quantity
    }
    finish(&reservation, command, .consume, .consumed, now)
    set.write(reservation)
    set.append(
      .reservationConsumed, at: now, .reservation(reservation), movements, actor: command.actor)
    return reservation
  }

  private static func releaseHeld(
    _ quantities: [Int64], _ before: Reservation, _ command: Command.Resolve,
    _ set: inout WorkingSet, _ now: Instant
  ) -> Reservation {
    var reservation = before
    let movements = move(quantities, of: reservation, .release, &set)
    for (index, quantity) in quantities.enumerated() {
      reservation.lines[index].held -= quantity
      reservation.lines[index].released += quantity
    }
    finish(&reservation, command, .release, .released, now)
    set.write(reservation)
    set.append(
      .reservationReleased, at: now, .reservation(reservation), movements, actor: command.actor,
      reason: command.reason)
    crossTriggers(movements, at: now, &set)
    return reservation
  }

  // The second try after expiry: the same lines under all sale rules of this moment, all or nothing.
  private static func reacquire(
    _ command: Command.Resolve, _ before: Reservation, _ set: inout WorkingSet, _ now: Instant
  ) -> Outcome {
    let quantities: [Int64]
    switch self.quantities(command, before, \.expired, exceeds) {
    case .rejected(let rejection): return .rejected(rejection)
    case .quantities(let found): quantities = found
    }
    let wanted = before.lines.indices.filter { quantities[$0] > 0 }
    let lines = wanted.map { index in
      Command.RequestedLine(
        productID: before.lines[index].productID, slot: before.lines[index].slot,
        quantity: quantities[index])
    }
    let buyer = Buyer(id: before.buyerID, purpose: .reacquire(createdAt: before.createdAt))
    let judged = judge(lines, by: buyer, &set, now)
    guard judged.failures.isEmpty else {
      let failures = judged.failures.map {
        LineFailure(line: wanted[$0.line], obstacle: $0.obstacle)
      }
      return .rejected(.reservationExpired(failures))
    }
    var reservation = before
    for (index, plan) in zip(wanted, judged.plans) {
      // The product may draw from elsewhere by now; what is consumed must lie where it was judged.
      let terms = reservation.lines[index].terms
      reservation.lines[index].terms = terms.drawing(plan.frozen)
    }
    let movements = move(quantities, of: reservation, .consumeFree, &set)
    for (index, quantity) in quantities.enumerated() {
      reservation.lines[index].expired -= quantity
      reservation.lines[index].consumed += quantity
    }
    reservation.reacquired = true
    finish(&reservation, command, .consume, .consumed, now)
    set.write(reservation)
    set.append(
      .reservationConsumed, at: now, .reservation(reservation), movements, actor: command.actor)
    crossTriggers(movements, at: now, &set)
    return .consumed(reservation, replayed: false)
  }

  static func finish(
    _ reservation: inout Reservation, _ command: Command.Resolve, _ action: AppliedRequest.Action,
    _ lastAct: Reservation.State, _ now: Instant
  ) {
    if !command.requestID.isEmpty {
      reservation.requests.append(
        AppliedRequest(
          id: command.requestID, action: action, amounts: absolute(command, reservation)))
    }
    settle(&reservation, lastAct: lastAct, at: now)
  }
}
