import Capacity

/// What each command must come to.
extension Truth {
  /// Carries out `command`, and says what must be answered.
  mutating func execute(_ command: Command, _ zones: inout Zones, _ now: Instant) -> Outcome {
    switch command {
    case .reserve(let reserve): self.reserve(reserve, zones, now)
    case .consume(let resolve): consume(resolve, zones, now)
    case .release(let resolve): release(resolve, now)
    case .extend(let extend): self.extend(extend, now)
    case .cancel(let resolve): cancel(resolve, now)
    case .putResource(let put): self.put(put, &zones, now)
    case .putProduct(let put): self.put(put, now)
    case .setPause(let pause): setPause(pause, now)
    case .adjustStock(let adjustment): adjust(adjustment, zones, now)
    }
  }

  private mutating func reserve(
    _ command: Command.Reserve, _ zones: Zones, _ now: Instant
  ) -> Outcome {
    if let number = keys[command.key], let first = reservation(number) {
      if let field = difference(command, first) { return .rejected(.keyReused(field: field)) }
      return .reserved(first, replayed: true)
    }
    let judged = judge(command.lines, for: Customer(id: command.key.buyerID), zones, now)
    guard judged.failures.isEmpty else { return .rejected(.lines(judged.failures)) }
    let lines = zip(command.lines, judged.drawn).map { line, drawn in
      ReservationLine(
        productID: line.productID, sellerID: products[line.productID]?.sellerID ?? "",
        slot: line.slot, quantity: line.quantity,
        draws: drawn.map { FrozenDraw(pool: $0.pool, units: $0.units) })
    }
    let number = newNumber(of: lines)
    let reservation = Reservation(
      number: number, buyerID: command.key.buyerID, reference: command.reference,
      idempotencyKey: command.key.key, requestedTTL: command.ttl, lines: lines,
      createdAt: now, expiresAt: now + timeToLive(command))
    let movements = move(command.lines.map(\.quantity), of: reservation.lines, .hold)
    write(reservation)
    nextNumber = max(nextNumber, number + 1)
    keys[command.key] = number
    touchedKeys.append(command.key)
    append(.reservationHeld, now, .reservation(reservation), movements)
    return .reserved(reservation, replayed: false)
  }

  private func timeToLive(_ command: Command.Reserve) -> Interval {
    let policies = command.lines.compactMap { products[$0.productID]?.holds }
    let standard = policies.map { $0.defaultTTL ?? Interval(seconds: 900) }.min()
    let longest = policies.flatMap { [$0.maxTTL, $0.maxHoldAge].compactMap { $0 } }.min()
    let day = Interval(seconds: 86_400)
    let wanted = command.ttl ?? standard ?? day
    return max(Interval(seconds: 1), min(wanted, longest ?? day, day))
  }

  private func difference(_ command: Command.Reserve, _ first: Reservation) -> String? {
    for index in command.lines.indices where index < first.lines.count {
      let (asked, line) = (command.lines[index], first.lines[index])
      if asked.productID != line.productID { return "lines[\(index)].product_id" }
      if asked.slot != line.slot { return "lines[\(index)].slot" }
      if asked.quantity != line.quantity { return "lines[\(index)].quantity" }
    }
    if command.lines.count != first.lines.count { return "lines" }
    if command.ttl != first.requestedTTL { return "ttl" }
    return command.reference == first.reference ? nil : "reference"
  }

  // MARK: Whose it is, and whether it came before

  private func seen(_ number: UInt64, _ scope: Command.Scope) -> Reservation? {
    guard let reservation = reservation(number) else { return nil }
    if case .buyer(let id) = scope, reservation.buyerID != id { return nil }
    return reservation
  }

  // Nil: it did not come before.
  private func repeated(
    _ command: Command.Resolve, _ action: AppliedRequest.Action, _ reservation: Reservation,
    _ answer: (Reservation) -> Outcome
  ) -> Outcome? {
    guard !command.requestID.isEmpty,
      let first = reservation.requests.first(where: { $0.id == command.requestID })
    else { return nil }
    if first.action != action { return .rejected(.keyReused(field: "request_id")) }
    if first.amounts != command.amounts { return .rejected(.keyReused(field: "amounts")) }
    return answer(reservation)
  }

  private enum Wanted {
    case quantities([Int64])
    case refused(Rejection)
  }

  private func wanted(
    _ command: Command.Resolve, _ reservation: Reservation, of part: (ReservationLine) -> Int64,
    _ refusal: (Int, Int64, Int64) -> Rejection
  ) -> Wanted {
    if command.amounts.isEmpty { return .quantities(reservation.lines.map(part)) }
    var quantities = reservation.lines.map { _ in Int64(0) }
    for amount in command.amounts {
      let rest = part(reservation.lines[amount.line])
      if amount.quantity > rest { return .refused(refusal(amount.line, amount.quantity, rest)) }
      quantities[amount.line] = amount.quantity
    }
    return .quantities(quantities)
  }

  private func exceeds(_ line: Int, _ requested: Int64, _ held: Int64) -> Rejection {
    .exceedsHeld(line: line, requested: requested, held: held)
  }

  private func nothingLeft(
    _ command: Command.Resolve, _ reservation: Reservation,
    _ refusal: (Int, Int64, Int64) -> Rejection, _ answer: (Reservation) -> Outcome
  ) -> Outcome {
    guard let first = command.amounts.first else { return answer(reservation) }
    return .rejected(refusal(first.line, first.quantity, 0))
  }

  // MARK: Resolving

  private mutating func consume(
    _ command: Command.Resolve, _ zones: Zones, _ now: Instant
  ) -> Outcome {
    guard let reservation = seen(command.number, command.scope) else {
      return .rejected(.reservationNotFound)
    }
    let replay = { (reservation: Reservation) in Outcome.consumed(reservation, replayed: true) }
    if let outcome = repeated(command, .consume, reservation, replay) { return outcome }
    switch reservation.state {
    case .consumed: return nothingLeft(command, reservation, exceeds, replay)
    case .released: return .rejected(.alreadyReleased)
    case .cancelled: return .rejected(.alreadyCancelled)
    case .expired:
      guard command.reacquire else { return .rejected(.reservationExpired([])) }
      return sellAgain(command, reservation, zones, now)
    case .held:
      switch wanted(command, reservation, of: \.held, exceeds) {
      case .refused(let rejection): return .rejected(rejection)
      case .quantities(let quantities):
        let done = resolve(command, .consume, reservation, quantities, .sellHeld, now) {
          $0.held -= $1
          $0.consumed += $1
        }
        return .consumed(done, replayed: false)
      }
    }
  }

  private mutating func sellAgain(
    _ command: Command.Resolve, _ reservation: Reservation, _ zones: Zones, _ now: Instant
  ) -> Outcome {
    let quantities: [Int64]
    switch wanted(command, reservation, of: \.expired, exceeds) {
    case .refused(let rejection): return .rejected(rejection)
    case .quantities(let found): quantities = found
    }
    let indices = quantities.indices.filter { quantities[$0] > 0 }
    let lines = indices.map { index in
      Command.RequestedLine(
        productID: reservation.lines[index].productID, slot: reservation.lines[index].slot,
        quantity: quantities[index])
    }
    let customer = Customer(id: reservation.buyerID, reservedAt: reservation.createdAt)
    let judged = judge(lines, for: customer, zones, now)
    guard judged.failures.isEmpty else {
      return .rejected(
        .reservationExpired(
          judged.failures.map { LineFailure(line: indices[$0.line], obstacle: $0.obstacle) }))
    }
    var moved = reservation
    moved.reacquired = true
    for (index, drawn) in zip(indices, judged.drawn) {
      let draws = drawn.map { FrozenDraw(pool: $0.pool, units: $0.units) }
      moved.lines[index].terms = moved.lines[index].terms.drawing(draws)
    }
    let done = resolve(command, .consume, moved, quantities, .sellFree, now) {
      $0.expired -= $1
      $0.consumed += $1
    }
    return .consumed(done, replayed: false)
  }

  private mutating func release(_ command: Command.Resolve, _ now: Instant) -> Outcome {
    guard let reservation = seen(command.number, command.scope) else {
      return .rejected(.reservationNotFound)
    }
    let replay = { (reservation: Reservation) in Outcome.released(reservation, replayed: true) }
    if let outcome = repeated(command, .release, reservation, replay) { return outcome }
    switch reservation.state {
    case .consumed: return .rejected(.alreadyConsumed)
    case .cancelled: return .rejected(.alreadyCancelled)
    case .expired: return replay(reservation)
    case .released: return nothingLeft(command, reservation, exceeds, replay)
    case .held:
      switch wanted(command, reservation, of: \.held, exceeds) {
      case .refused(let rejection): return .rejected(rejection)
      case .quantities(let quantities):
        let done = resolve(command, .release, reservation, quantities, .giveBack, now) {
          $0.held -= $1
          $0.released += $1
        }
        return .released(done, replayed: false)
      }
    }
  }

  private mutating func cancel(_ command: Command.Resolve, _ now: Instant) -> Outcome {
    guard let reservation = seen(command.number, command.scope) else {
      return .rejected(.reservationNotFound)
    }
    let replay = { (reservation: Reservation) in Outcome.cancelled(reservation, replayed: true) }
    let refusal = { (_: Int, _: Int64, _: Int64) in Rejection.notConsumed }
    if let outcome = repeated(command, .cancel, reservation, replay) { return outcome }
    switch reservation.state {
    case .released, .expired: return .rejected(.notConsumed)
    case .cancelled: return nothingLeft(command, reservation, refusal, replay)
    case .held, .consumed:
      switch wanted(command, reservation, of: \.consumed, refusal) {
      case .refused(let rejection): return .rejected(rejection)
      case .quantities(let quantities):
        guard quantities.contains(where: { $0 > 0 }) else { return .rejected(.notConsumed) }
        let done = resolve(command, .cancel, reservation, quantities, .cancel, now) {
          $0.consumed -= $1
          $0.cancelled += $1
        }
        return .cancelled(done, replayed: false)
      }
    }
  }

  private mutating func resolve(
    _ command: Command.Resolve, _ action: AppliedRequest.Action, _ before: Reservation,
    _ quantities: [Int64], _ way: Way, _ now: Instant,
    _ settle: (inout ReservationLine, Int64) -> Void
  ) -> Reservation {
    let ends: (kind: Event.Kind, state: Reservation.State) =
      switch action {
      case .release: (.reservationReleased, .released)
      case .cancel: (.reservationCancelled, .cancelled)
      case .consume, .extend: (.reservationConsumed, .consumed)
      }
    var reservation = before
    let movements = move(quantities, of: reservation.lines, way)
    for (index, quantity) in quantities.enumerated() {
      settle(&reservation.lines[index], quantity)
    }
    if !command.requestID.isEmpty {
      reservation.requests.append(
        AppliedRequest(id: command.requestID, action: action, amounts: command.amounts))
    }
    close(&reservation, ends.state, at: now)
    write(reservation)
    append(ends.kind, now, .reservation(reservation), movements)
    return reservation
  }

  // MARK: Extending

  private mutating func extend(_ command: Command.Extend, _ now: Instant) -> Outcome {
    guard var reservation = seen(command.number, command.scope) else {
      return .rejected(.reservationNotFound)
    }
    if let first = reservation.requests.first(where: { $0.id == command.requestID }) {
      if first.action != .extend { return .rejected(.keyReused(field: "request_id")) }
      if first.ttl != command.ttl { return .rejected(.keyReused(field: "ttl")) }
      return .extended(reservation, replayed: true)
    }
    switch reservation.state {
    case .held: break
    case .consumed: return .rejected(.alreadyConsumed)
    case .released: return .rejected(.alreadyReleased)
    case .expired: return .rejected(.reservationExpired([]))
    case .cancelled: return .rejected(.alreadyCancelled)
    }
    let policies = reservation.lines.filter { $0.held > 0 }
      .map { products[$0.productID]?.holds ?? HoldPolicy() }
    let day = Interval(seconds: 86_400)
    guard reservation.extensions < policies.map(\.maxExtensions).min() ?? .max else {
      return .rejected(.extensionLimit(latest: nil))
    }
    let longest = policies.map { $0.maxTTL ?? day }.min() ?? day
    let latest = reservation.createdAt + (policies.map { $0.maxHoldAge ?? day }.min() ?? day)
    let wanted = now + max(Interval(seconds: 1), min(command.ttl, longest, day))
    guard wanted <= latest || wanted <= reservation.expiresAt else {
      return .rejected(.extensionLimit(latest: latest))
    }
    var movements: [Movement] = []
    if wanted > reservation.expiresAt {
      reservation.expiresAt = wanted
      reservation.extensions += 1
      movements = move(reservation.lines.map(\.held), of: reservation.lines, .touch)
    }
    reservation.requests.append(
      AppliedRequest(id: command.requestID, action: .extend, amounts: [], ttl: command.ttl))
    reservation.version += 1
    write(reservation)
    append(.reservationExtended, now, .reservation(reservation), movements)
    return .extended(reservation, replayed: false)
  }
}
