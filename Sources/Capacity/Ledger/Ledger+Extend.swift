extension Ledger {
  /// Moves the timer of a hold to now plus the ttl asked for, never back.
  static func extend(
    _ command: Command.Extend, _ set: inout WorkingSet, _ now: Instant
  ) -> Outcome {
    guard let before = visible(command.number, command.scope, set) else {
      return .rejected(.reservationNotFound)
    }
    if let first = request(command.requestID, of: before) {
      if first.action != .extend { return .rejected(.keyReused(field: "request_id")) }
      if first.ttl != command.ttl { return .rejected(.keyReused(field: "ttl")) }
      return .extended(before, replayed: true)
    }
    if let refusal = refusalToExtend(before.state) { return .rejected(refusal) }
    if let refusal = tooManyRequests(command.requestID, before) { return .rejected(refusal) }
    let policy = ExtensionPolicy(of: before, in: set.catalogue)
    guard before.extensions < policy.extensionsMax else {
      return .rejected(.extensionLimit(latest: nil))
    }
    let wanted = now + max(HoldPolicy.systemMinTTL, min(command.ttl, policy.maxTTL))
    let latest = before.createdAt + policy.maxAge
    guard wanted <= max(latest, before.expiresAt) else {
      return .rejected(.extensionLimit(latest: latest))
    }
    return .extended(moveTimer(of: before, to: wanted, command, &set, now), replayed: false)
  }

  private static func refusalToExtend(_ state: Reservation.State) -> Rejection? {
    switch state {
    case .held: nil
    case .consumed: .alreadyConsumed
    case .released: .alreadyReleased
    case .expired: .reservationExpired([])
    case .cancelled: .alreadyCancelled
    }
  }

  private static func moveTimer(
    of before: Reservation, to wanted: Instant, _ command: Command.Extend,
    _ set: inout WorkingSet, _ now: Instant
  ) -> Reservation {
    var reservation = before
    var movements: [Capacity.Movement] = []
    if wanted > before.expiresAt {
      reservation.expiresAt = wanted
      reservation.extensions += 1
      movements = touchPools(heldBy: reservation, &set)
    }
    reservation.requests.append(
      AppliedRequest(id: command.requestID, action: .extend, amounts: [], ttl: command.ttl))
    reservation.version += 1
    set.write(reservation)
    set.append(
      .reservationExtended, at: now, .reservation(reservation), movements,
      actor: command.actor)
    return reservation
  }
}

/// How far a hold may be extended: the strictest of what its products say now.
private struct ExtensionPolicy {
  var extensionsMax = Int.max
  var maxTTL = HoldPolicy.systemMaxTTL
  var maxAge: Interval

  init(of reservation: Reservation, in catalogue: Catalogue) {
    var age: Interval?
    for line in reservation.lines where line.held > 0 {
      let policy = catalogue.product(line.productID)?.holds ?? HoldPolicy()
      extensionsMax = min(extensionsMax, policy.maxExtensions)
      maxTTL = min(maxTTL, policy.maxTTL ?? maxTTL)
      let own = policy.maxHoldAge ?? HoldPolicy.systemMaxTTL
      age = min(age ?? own, own)
    }
    maxAge = age ?? HoldPolicy.systemMaxTTL
  }
}
