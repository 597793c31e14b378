import Capacity

/// A working set with a clock: executes commands as a lane would, one batch each.
struct Desk {
  var set = WorkingSet()
  var now: Instant
  /// Everything that was committed.
  private(set) var events: [Event] = []
  private var keysCount = 0

  /// Tuesday 2026-12-01T12:00:00Z unless told otherwise.
  init(at now: String = "2026-12-01T12:00:00") {
    self.now = instant(now)
  }

  /// Expires what is due, executes `command` and commits.
  @discardableResult
  mutating func run(_ command: Command) -> Outcome {
    let outcome = draft(command)
    commit()
    return outcome
  }

  private mutating func commit() {
    events += set.changes().events
    set.commit()
  }

  /// As `run`, but leaves the batch open.
  mutating func draft(_ command: Command) -> Outcome {
    expire()
    loadBuyers(command)
    return Ledger.execute(command, on: &set, at: set.decide(at: now))
  }

  // As a lane would from its store; here every reservation stays in memory.
  private mutating func loadBuyers(_ command: Command) {
    var needs: [String: Instant] = [:]
    set.addBuyerNeeds(of: command, at: now, to: &needs)
    for (buyer, since) in needs where !set.knowsBuyer(buyer, since: since) {
      let own = (1..<set.counters.nextReservation).compactMap { set.reservation($0) }
        .filter { $0.buyerID == buyer }
      set.load(own, ofBuyer: buyer, since: since)
    }
  }

  mutating func expire() {
    let decided = set.decide(at: now)
    while Ledger.expire(&set, at: decided, limit: 7) == .more {}
  }

  /// Expires what is due and commits that.
  mutating func settle() {
    expire()
    commit()
  }

  mutating func advance(_ seconds: Int64) {
    now = now + Interval(seconds: seconds)
  }

  @discardableResult
  mutating func put(_ resource: Resource, zone: Zone = .utc) -> Outcome {
    run(.putResource(Command.PutResource(resource: resource, zone: zone, actor: "ana")))
  }

  @discardableResult
  mutating func put(_ product: Product) -> Outcome {
    run(.putProduct(Command.PutProduct(product: product, actor: "ana")))
  }

  @discardableResult
  mutating func reserve(
    _ lines: Command.RequestedLine..., buyer: String = "bea", key: String? = nil,
    ttl: Int64? = nil, reference: String = ""
  ) -> Outcome {
    keysCount += 1
    return run(
      .reserve(
        Command.Reserve(
          key: IdempotencyKey(buyerID: buyer, key: key ?? "key-\(keysCount)"), lines: lines,
          ttl: ttl.map { Interval(seconds: $0) }, reference: reference, actor: buyer)))
  }

  @discardableResult
  mutating func consume(
    _ number: UInt64, _ amounts: [LineAmount] = [], id: String = "", reacquire: Bool = false,
    scope: Command.Scope = .anyone
  ) -> Outcome {
    run(
      .consume(
        Command.Resolve(
          number: number, scope: scope, amounts: amounts, requestID: id, actor: "che",
          reacquire: reacquire)))
  }

  @discardableResult
  mutating func release(
    _ number: UInt64, _ amounts: [LineAmount] = [], id: String = "",
    scope: Command.Scope = .anyone
  ) -> Outcome {
    run(
      .release(
        Command.Resolve(
          number: number, scope: scope, amounts: amounts, requestID: id, actor: "che")))
  }

  @discardableResult
  mutating func extend(
    _ number: UInt64, _ seconds: Int64, id: String = "x", scope: Command.Scope = .anyone
  ) -> Outcome {
    run(
      .extend(
        Command.Extend(
          number: number, scope: scope, ttl: Interval(seconds: seconds), requestID: id,
          actor: "che")))
  }

  @discardableResult
  mutating func cancel(
    _ number: UInt64, _ amounts: [LineAmount] = [], id: String = "",
    scope: Command.Scope = .anyone
  ) -> Outcome {
    run(
      .cancel(
        Command.Resolve(
          number: number, scope: scope, amounts: amounts, requestID: id, actor: "che",
          reason: "refund")))
  }

  @discardableResult
  mutating func adjust(_ resource: String, _ delta: Int64, id: String = "a") -> Outcome {
    run(
      .adjustStock(
        Command.AdjustStock(
          resourceID: resource, delta: delta, requestID: id, actor: "ana", reason: "delivery")))
  }

  /// The pool as every reader sees it now.
  mutating func view(_ resource: String, _ ordinal: Int64 = 0) -> PoolView {
    settle()
    return set.view(PoolKey(resourceID: resource, ordinal: ordinal))
  }

  /// Every pool behind a slot.
  mutating func balances(_ product: String, _ slot: String = "") -> [Availability.Balance] {
    settle()
    let found = SlotPlan.find(productID: product, slotID: slot, in: set.catalogue, at: now)
    guard case .plan(let plan) = found else { return [] }
    let views = plan.draws.map { set.view($0.pool) }
    return Evaluator(plan, at: now).balances(views: views)
  }

  mutating func availability(
    _ product: String, _ slot: String = "", quantity: Int64 = 1
  ) -> Availability? {
    settle()
    let found = SlotPlan.find(productID: product, slotID: slot, in: set.catalogue, at: now)
    guard case .plan(let plan) = found else { return nil }
    let views = plan.pools.map { set.view($0) }
    return Evaluator(plan, at: now).availability(quantity: quantity, views: views)
  }
}

func line(_ product: String, _ quantity: Int64 = 1, slot: String = "") -> Command.RequestedLine {
  Command.RequestedLine(productID: product, slot: slot, quantity: quantity)
}

func stock(_ id: String, _ units: Int64, zone: String = "UTC") -> Resource {
  Resource(
    id: id, sellerID: "sol", timeZone: zone, inventory: .stock(total: .units(units)))
}

func daily(_ id: String, _ units: Int64, zone: String = "UTC") -> Resource {
  Resource(
    id: id, sellerID: "sol", timeZone: zone,
    inventory: .daily(DailyCapacity(defaultLimit: .units(units))))
}

func slots(_ id: String, _ windows: Window..., zone: String = "UTC") -> Resource {
  Resource(id: id, sellerID: "sol", timeZone: zone, inventory: .slots(windows))
}

/// A window on every day of the week.
func window(
  _ start: String, _ end: String, slot: Int = 60, step: Int = 60, limit: Limit = .units(10)
) -> Window {
  guard let start = ClockTime(start), let end = ClockTime(end) else {
    preconditionFailure("not a time of day")
  }
  return Window(
    days: Set(Weekday.allCases), start: start, end: end, slotMinutes: slot, stepMinutes: step,
    limit: limit)
}

func product(_ id: String, _ draws: Draw...) -> Product {
  Product(id: id, sellerID: "sol", draws: draws)
}

func date(_ text: String) -> CivilDate {
  guard let date = CivilDate(text) else { preconditionFailure("not a date: \(text)") }
  return date
}

/// `YYYY-MM-DDTHH:MM:SS` in UTC.
func instant(_ text: String) -> Instant {
  let parts = text.split(separator: "T")
  let clock = parts[1].split(separator: ":").compactMap { Int64($0) }
  return Instant(
    seconds: date(String(parts[0])).localSeconds + clock[0] * 3600 + clock[1] * 60 + clock[2])
}

extension Outcome {
  /// The reservation in it, whatever was done to it.
  var reservation: Reservation? {
    switch self {
    case .reserved(let reservation, _), .consumed(let reservation, _),
      .released(let reservation, _), .extended(let reservation, _),
      .cancelled(let reservation, _):
      reservation
    default: nil
    }
  }

  var isReplay: Bool? {
    switch self {
    case .reserved(_, let replayed), .consumed(_, let replayed), .released(_, let replayed),
      .extended(_, let replayed), .cancelled(_, let replayed):
      replayed
    default: nil
    }
  }

  var rejection: Rejection? {
    guard case .rejected(let rejection) = self else { return nil }
    return rejection
  }

  /// The strongest obstacle of the first failing line.
  var obstacle: Obstacle.Kind? {
    guard case .rejected(.lines(let failures)) = self else { return nil }
    return failures.first?.obstacle.kind
  }
}
