/// Decides. The one place that changes counters and reservations.
///
/// A pure function over values: the same commands on the same working set at the same instants give the same outcomes,
/// which is what simulation, crash tests and several nodes on one store rest on. Before a command is executed the
/// records that it names must be loaded (`addNeeds`), then those behind its key (`addNeedsBehindKey`), and `expire` must
/// have answered false at the same instant.
package enum Ledger {
  /// Adds to `names` the records that `command` names and that are not in memory.
  package static func addNeeds(
    of command: Command, in set: WorkingSet, to names: inout RecordNames
  ) {
    if let key = command.key { names.keys.append(key) }
    switch command {
    case .consume(let resolve), .release(let resolve), .cancel(let resolve):
      addNeed(of: resolve.number, in: set, to: &names)
    case .extend(let extend):
      addNeed(of: extend.number, in: set, to: &names)
    case .reserve, .adjustStock, .putResource, .putProduct, .setPause:
      break
    }
  }

  // A number that was never given out needs no look at the store.
  private static func addNeed(
    of number: UInt64, in set: WorkingSet, to names: inout RecordNames
  ) {
    let given = number > 0 && number < set.counters.nextReservation
    if given, !set.holdsRecord(number) { names.reservations.insert(number) }
  }

  /// Adds to `names` the reservation that the key of `command` stands for, once keys are loaded.
  package static func addNeedsBehindKey(
    of command: Command, in set: WorkingSet, to names: inout RecordNames
  ) {
    guard case .reserve(let reserve) = command, let number = set.number(of: reserve.key),
      !set.holdsRecord(number)
    else { return }
    names.reservations.insert(number)
  }

  /// Whether the key of `command`, which became `outcome` and was not looked up, may be known to the store. Where one that is
  /// known is written again the store says so; of one that is not written it says nothing.
  package static func mayKnowKey(
    of command: Command, _ outcome: Outcome, in set: WorkingSet
  ) -> Bool {
    // A reservation stands under its key, so nearly all need no look.
    if case .reserved = outcome { return false }
    return command.key.map { set.number(of: $0) == nil } ?? false
  }

  /// Executes one command at `now`.
  package static func execute(
    _ command: Command, on set: inout WorkingSet, at now: Instant
  ) -> Outcome {
    switch command {
    case .reserve(let reserve): self.reserve(reserve, &set, now)
    case .consume(let resolve): consume(resolve, &set, now)
    case .release(let resolve): release(resolve, &set, now)
    case .extend(let command): extend(command, &set, now)
    case .cancel(let resolve): cancel(resolve, &set, now)
    case .putResource(let put): putResource(put, &set, now)
    case .putProduct(let put): putProduct(put, &set, now)
    case .setPause(let pause): setPause(pause, &set, now)
    case .adjustStock(let adjustment): adjustStock(adjustment, &set, now)
    }
  }

  /// How far `expire` came.
  package enum Expiry: Equatable {
    case done
    /// More is due.
    case more
    /// A hold is due that these lanes share.
    case shared(LaneSet)
  }

  /// Does what time alone does in `lanes` (nil: in all) up to `now`: turns triggers on, and expires holds in the order of their
  /// expiry, at most `limit`.
  package static func expire(
    _ set: inout WorkingSet, at now: Instant, in some: LaneSet? = nil, limit: Int
  ) -> Expiry {
    let lanes = some ?? set.allLanes
    for lane in lanes { turnTriggersOn(&set, at: now, in: lane) }
    var count = 0
    while let number = set.nextDue(at: now, in: lanes) {
      guard count < limit else { return .more }
      guard let reservation = set.reservation(number) else { break }
      let own = set.lanes(of: reservation)
      guard own.isSubset(of: lanes) else { return .shared(own) }
      expire(reservation, &set)
      count += 1
    }
    return .done
  }

  private static func expire(_ held: Reservation, _ set: inout WorkingSet) {
    var reservation = held
    let deltas = reservation.lines.map(\.held)
    let movements = move(deltas, of: reservation, .release, &set)
    for index in reservation.lines.indices {
      reservation.lines[index].expired += reservation.lines[index].held
      reservation.lines[index].held = 0
    }
    settle(&reservation, lastAct: .expired, at: reservation.expiresAt)
    set.write(reservation)
    set.append(
      .reservationExpired, at: reservation.expiresAt, .reservation(reservation), movements,
      actor: "cupo")
    crossTriggers(movements, at: reservation.expiresAt, &set)
  }
}
