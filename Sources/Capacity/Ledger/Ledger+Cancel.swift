extension Ledger {
  /// Returns consumed units: they can be sold again at once. Held ones are Release's.
  static func cancel(
    _ command: Command.Resolve, _ set: inout WorkingSet, _ now: Instant
  ) -> Outcome {
    guard let reservation = visible(command.number, command.scope, set) else {
      return .rejected(.reservationNotFound)
    }
    if let repeated = applied(command, .cancel, to: reservation) {
      return repeated.map { .rejected($0) } ?? .cancelled(reservation, replayed: true)
    }
    switch reservation.state {
    case .released, .expired: return .rejected(.notConsumed)
    case .cancelled:
      return replayOrRefuse(command, reservation, notConsumed) { .cancelled($0, replayed: true) }
    case .held, .consumed:
      switch quantities(command, reservation, \.consumed, notConsumed) {
      case .rejected(let rejection): return .rejected(rejection)
      case .quantities(let quantities):
        guard quantities.contains(where: { $0 > 0 }) else {
          return nothingLeft(command, reservation)
        }
        return .cancelled(
          cancelConsumed(quantities, reservation, command, &set, now), replayed: false)
      }
    }
  }

  private static func notConsumed(line: Int, requested: Int64, consumed: Int64) -> Rejection {
    .notConsumed
  }

  // A seller whose own lines were cancelled is answered as for a reservation that has no others.
  private static func nothingLeft(
    _ command: Command.Resolve, _ reservation: Reservation
  ) -> Outcome {
    let shown = shownLines(command.scope, reservation).map { reservation.lines[$0] }
    let isDone =
      reservation.state == .consumed && shown.contains { $0.cancelled > 0 }
      && shown.allSatisfy { $0.held == 0 }
    return isDone ? .cancelled(reservation, replayed: true) : .rejected(.notConsumed)
  }

  private static func cancelConsumed(
    _ quantities: [Int64], _ before: Reservation, _ command: Command.Resolve,
    _ set: inout WorkingSet, _ now: Instant
  ) -> Reservation {
    var reservation = before
    let movements = move(quantities, of: reservation, .cancel, &set)
    for (index, quantity) in quantities.enumerated() {
      reservation.lines[index].consumed -= quantity
      reservation.lines[index].cancelled += quantity
    }
    finish(&reservation, command, .cancel, .cancelled, now)
    set.write(reservation)
    set.append(
      .reservationCancelled, at: now, .reservation(reservation), movements, actor: command.actor,
      reason: command.reason)
    crossTriggers(movements, at: now, &set)
    return reservation
  }
}
