extension Ledger {
  static func consume(
    _ command: Command.Resolve, _ set: inout WorkingSet, _ now: Instant
  ) -> Outcome {
    guard let reservation = visible(command, set) else { return .rejected(.reservationNotFound) }
    if let repeated = applied(command, .consume, to: reservation) {
      return repeated.map { .rejected($0) } ?? .consumed(reservation, replayed: true)
    }
    switch reservation.state {
    case .held:
      switch quantities(command, reservation, \.held) {
      case .rejected(let rejection): return .rejected(rejection)
      case .quantities(let quantities):
        return .consumed(consumeHeld(quantities, reservation, command, &set, now), replayed: false)
      }
    case .consumed:
      return replayOrExceeds(command, reservation) { .consumed($0, replayed: true) }
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
    guard let reservation = visible(command, set) else { return .rejected(.reservationNotFound) }
    if let repeated = applied(command, .release, to: reservation) {
      return repeated.map { .rejected($0) } ?? .released(reservation, replayed: true)
    }
    switch reservation.state {
    case .held:
      switch quantities(command, reservation, \.held) {
      case .rejected(let rejection): return .rejected(rejection)
      case .quantities(let quantities):
        return .released(releaseHeld(quantities, reservation, command, &set, now), replayed: false)
      }
    case .consumed: return .rejected(.alreadyConsumed)
    case .released:
      return replayOrExceeds(command, reservation) { .released($0, replayed: true) }
    case .expired: return .released(reservation, replayed: true)
    case .cancelled: return .rejected(.alreadyCancelled)
    }
  }

  // MARK: The steps

  private static func visible(_ command: Command.Resolve, _ set: WorkingSet) -> Reservation? {
    guard let reservation = set.reservation(command.number) else { return nil }
    switch command.scope {
    case .anyone: return reservation
    case .buyer(let buyer): return reservation.buyerID == buyer ? reservation : nil
    }
  }

  // Nil: this request was not applied yet. Otherwise it was, and what is wrong with the repeat, if anything.
  private static func applied(
    _ command: Command.Resolve, _ action: AppliedRequest.Action, to reservation: Reservation
  ) -> Rejection?? {
    guard !command.requestID.isEmpty,
      let first = reservation.requests.first(where: { $0.id == command.requestID })
    else { return nil }
    if first.action != action { return .some(.keyReused(field: "request_id")) }
    if first.amounts != command.amounts { return .some(.keyReused(field: "amounts")) }
    return .some(nil)
  }

  // A reservation is one record, so what it remembers has an end.
  private static func tooManyRequests(
    _ command: Command.Resolve, _ reservation: Reservation
  ) -> Rejection? {
    guard !command.requestID.isEmpty, reservation.requests.count >= AppliedRequest.countMax else {
      return nil
    }
    let text =
      "This reservation has had \(AppliedRequest.countMax) requests with an id; "
      + "consume or release the rest without one."
    return .violations([Violation("request_id", text)])
  }

  private static func replayOrExceeds(
    _ command: Command.Resolve, _ reservation: Reservation, _ replay: (Reservation) -> Outcome
  ) -> Outcome {
    guard let first = command.amounts.first else { return replay(reservation) }
    if let rejection = lineViolations(command.amounts, reservation) { return .rejected(rejection) }
    return .rejected(.exceedsHeld(line: first.line, requested: first.quantity, held: 0))
  }

  private enum Amounts {
    case quantities([Int64])
    case rejected(Rejection)
  }

  // What the command takes of each line: all that `available` has, or the amounts it names.
  private static func quantities(
    _ command: Command.Resolve, _ reservation: Reservation,
    _ available: (ReservationLine) -> Int64
  ) -> Amounts {
    if let rejection = tooManyRequests(command, reservation) { return .rejected(rejection) }
    guard !command.amounts.isEmpty else {
      return .quantities(reservation.lines.map(available))
    }
    if let rejection = lineViolations(command.amounts, reservation) { return .rejected(rejection) }
    var quantities = reservation.lines.map { _ in Int64(0) }
    for amount in command.amounts { quantities[amount.line] = amount.quantity }
    for (index, line) in reservation.lines.enumerated() where quantities[index] > available(line) {
      return .rejected(
        .exceedsHeld(line: index, requested: quantities[index], held: available(line)))
    }
    return .quantities(quantities)
  }

  // Every amount must name a line that there is, and each line once.
  private static func lineViolations(
    _ amounts: [LineAmount], _ reservation: Reservation
  ) -> Rejection? {
    let last = reservation.lines.count - 1
    let violations = amounts.enumerated().compactMap { index, amount -> Violation? in
      let field = "amounts[\(index)].line"
      if amount.line > last {
        return Violation(field, "The reservation has lines 0 to \(last), not \(amount.line).")
      }
      let isTwice = amounts[..<index].contains { $0.line == amount.line }
      return isTwice ? Violation(field, "Line \(amount.line) has an amount already.") : nil
    }
    return violations.isEmpty ? nil : .violations(violations)
  }

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
    return reservation
  }

  // The second try after expiry: the same lines under all sale rules of this moment, all or nothing.
  private static func reacquire(
    _ command: Command.Resolve, _ before: Reservation, _ set: inout WorkingSet, _ now: Instant
  ) -> Outcome {
    let quantities: [Int64]
    switch self.quantities(command, before, \.expired) {
    case .rejected(let rejection): return .rejected(rejection)
    case .quantities(let found): quantities = found
    }
    let wanted = before.lines.indices.filter { quantities[$0] > 0 }
    let lines = wanted.map { index in
      Command.RequestedLine(
        productID: before.lines[index].productID, slot: before.lines[index].slot,
        quantity: quantities[index])
    }
    let judged = judge(lines, &set, now)
    guard judged.failures.isEmpty else {
      let failures = judged.failures.map {
        LineFailure(line: wanted[$0.line], obstacle: $0.obstacle)
      }
      return .rejected(.reservationExpired(failures))
    }
    var reservation = before
    for (index, plan) in zip(wanted, judged.plans) {
      // The product may draw from elsewhere by now; what is consumed must lie where it was judged.
      reservation.lines[index].draws = plan.draws.map {
        FrozenDraw(pool: $0.pool, units: $0.units)
      }
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
    return .consumed(reservation, replayed: false)
  }

  private static func finish(
    _ reservation: inout Reservation, _ command: Command.Resolve, _ action: AppliedRequest.Action,
    _ lastAct: Reservation.State, _ now: Instant
  ) {
    if !command.requestID.isEmpty {
      reservation.requests.append(
        AppliedRequest(id: command.requestID, action: action, amounts: command.amounts))
    }
    settle(&reservation, lastAct: lastAct, at: now)
  }
}
