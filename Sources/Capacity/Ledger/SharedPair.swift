/// A shared pool beside each other pool that can be behind the same slots.
///
/// Where a trigger turns in a slot by what a shared pool has done, it does so for the shared pool and one other already: the one
/// that is the tightest before or after. So slots need not be looked at, only pairs.
struct SharedPair {
  /// Triggers that turn on and off somewhere.
  struct Turns {
    var on: Set<String> = []
    var off: Set<String> = []

    mutating func add(from was: Set<String>, to now: Set<String>) {
      guard was != now else { return }
      on.formUnion(now.subtracting(was))
      off.formUnion(was.subtracting(now))
    }
  }

  private let pool: PoolKey
  private let before: TriggerSide?
  private let after: TriggerSide?
  private let told: Set<Int64>
  private let was: TriggerSide.Standing?
  private let now: TriggerSide.Standing?

  init(
    _ pool: PoolKey, _ before: TriggerSide?, _ after: TriggerSide?, _ told: Set<Int64>,
    _ set: WorkingSet
  ) {
    self.pool = pool
    self.before = before
    self.after = after
    self.told = told
    was = Self.standing(pool, before, set)
    now = Self.standing(pool, after, set)
  }

  private static func standing(
    _ pool: PoolKey, _ side: TriggerSide?, _ set: WorkingSet
  ) -> TriggerSide.Standing? {
    guard let side, let draw = side.draw(on: pool.resourceID) else { return nil }
    return side.standing(draw, pool.ordinal, set)
  }

  /// Nil: nothing turns. See ``TriggerCrossing/tell(sharing:looks:_:)``.
  func turns(looks: inout Int?, _ set: WorkingSet) -> Turns? {
    guard was != nil || now != nil else { return nil }
    // Where definitions are the same, only what was counted can make a difference.
    let isCount = looks != nil
    if isCount, was?.on == now?.on, was?.room == now?.room { return nil }
    var turns = Turns()
    for resourceID in others where !isCount || isNear(resourceID) {
      addUntouched(resourceID, isCount, set, &turns)
      if isCount { addTouched(resourceID, looks: &looks, set, &turns) }
    }
    if !isCount, hasMoved {
      turns.add(from: was?.on ?? [], to: [])
      turns.add(from: [], to: now?.on ?? [])
    }
    return turns.on.isEmpty && turns.off.isEmpty ? nil : turns
  }

  // Whether the slots beside a day's quota can be others now: the day begins elsewhere.
  private var hasMoved: Bool {
    guard let old = timeZone(before), let new = timeZone(after) else { return false }
    return old != new
  }

  private func timeZone(_ side: TriggerSide?) -> String? {
    guard let side, let draw = side.draw(on: pool.resourceID) else { return nil }
    return side.offer.resources[draw].resource.timeZone
  }

  // Whether it can make a difference beside a pool of `resourceID`: it is busy or not as before, and has more room than any that
  // has an end.
  private func isNear(_ resourceID: String) -> Bool {
    guard was?.on == now?.on, let after, let draw = after.draw(on: resourceID),
      after.offer.resources[draw].resource.inventory.kind != .stock
    else { return true }
    return min(was?.room ?? .max, now?.room ?? .max) <= after.mostRoom(draw)
  }

  private var others: [String] {
    let draws = (after?.offer.product.draws ?? []) + (before?.offer.product.draws ?? [])
    var list: [String] = []
    for draw in draws where draw.resourceID != pool.resourceID && !list.contains(draw.resourceID) {
      list.append(draw.resourceID)
    }
    return list
  }

  // MARK: Pools that nothing was ever drawn from

  // What differs between them is their limit, and of limits there are few.
  private func addUntouched(
    _ resourceID: String, _ isCount: Bool, _ set: WorkingSet, _ turns: inout Turns
  ) {
    guard isToCome(resourceID) else { return }
    let new = limits(resourceID, after)
    let old = isCount ? new : limits(resourceID, before)
    if isCount || Set(old) == Set(new) {
      for limit in new { add(resourceID, limit, limit, set, &turns) }
    } else {
      // Which of the old limits became which nobody knows.
      for first in old { for second in new { add(resourceID, first, second, set, &turns) } }
    }
  }

  private func add(
    _ resourceID: String, _ old: Limit?, _ new: Limit?, _ set: WorkingSet, _ turns: inout Turns
  ) {
    let first = tightest(resourceID, before, was) { side, draw in
      old.map { side.untouched(draw, $0) } ?? side.standing(draw, 0, set)
    }
    let second = tightest(resourceID, after, now) { side, draw in
      new.map { side.untouched(draw, $0) } ?? side.standing(draw, 0, set)
    }
    add(first, second, &turns)
  }

  // Whether a day that has begun has a slot which has not.
  private func isToCome(_ resourceID: String) -> Bool {
    guard let side = after ?? before, let shared = side.draw(on: pool.resourceID),
      let span = side.span(shared, pool.ordinal), let draw = side.draw(on: resourceID),
      side.offer.resources[draw].resource.inventory.kind == .slots
    else { return true }
    let present = side.now.microseconds / 1_000_000
    return present < span.lowerBound || side.hasSlot(draw, between: present, and: span.upperBound)
  }

  // Of a stock there is one pool: it is as it is.
  private func limits(_ resourceID: String, _ side: TriggerSide?) -> [Limit?] {
    guard let side, let draw = side.draw(on: resourceID),
      side.offer.resources[draw].resource.inventory.kind != .stock
    else { return [nil] }
    let span = side.draw(on: pool.resourceID).flatMap { side.span($0, pool.ordinal) }
    return side.limits(draw, in: span)
  }

  // MARK: Pools that something was drawn from

  private func addTouched(
    _ resourceID: String, looks: inout Int?, _ set: WorkingSet, _ turns: inout Turns
  ) {
    guard let after, let now, let draw = after.draw(on: resourceID),
      after.offer.resources[draw].resource.inventory.kind != .stock,
      min(was?.room ?? .max, now.room) <= after.mostRoom(draw),
      let range = range(draw, after)
    else { return }
    let skipped = after.isOwn(draw) ? told : []
    for ordinal in set.ordinals.ordinals(of: resourceID, in: range)
    where !skipped.contains(ordinal) {
      guard turns.on.union(turns.off).count < after.triggers.count else { return }
      guard let left = looks, left > 0 else { return assume(&turns) }
      looks = left - 1
      add(
        tightest(resourceID, before, was) { $0.standing($1, ordinal, set) },
        tightest(resourceID, after, self.now) { $0.standing($1, ordinal, set) }, &turns)
    }
  }

  // Of the draw those pools that may be behind a slot with the shared one, and that are not over; nil: there are none.
  private func range(_ draw: Int, _ side: TriggerSide) -> ClosedRange<Int64>? {
    let other = side.offer.resources[draw]
    let isSlots = other.resource.inventory.kind == .slots
    let present =
      isSlots ? side.now.microseconds / 1_000_000 : Int64(other.zone.date(at: side.now).day)
    guard let shared = side.draw(on: pool.resourceID),
      let span = side.span(shared, pool.ordinal)
    else { return present ... .max }
    guard isSlots else { return pool.ordinal - 1...pool.ordinal + 1 }
    return present <= span.upperBound ? max(present, span.lowerBound)...span.upperBound : nil
  }

  // What happens to a slot for which the shared pool has become, or is no longer, the tightest.
  private func assume(_ turns: inout Turns) {
    guard let was, let now, was.room != now.room else { return }
    let isTighter = now.room < was.room
    for (trigger, _) in after?.triggers ?? [] {
      if now.on.contains(trigger.id) == isTighter {
        turns.on.insert(trigger.id)
      } else {
        turns.off.insert(trigger.id)
      }
    }
  }

  // MARK: Pairs

  private enum Tighter {
    case shared(Set<String>)
    case other(Set<String>)
    /// The other is over.
    case none

    var on: Set<String> {
      switch self {
      case .shared(let on), .other(let on): on
      case .none: []
      }
    }
  }

  // Where the shared pool is the tighter one neither before nor after, it is not its business.
  private func add(_ first: Tighter, _ second: Tighter, _ turns: inout Turns) {
    switch (first, second) {
    case (.none, _), (_, .none), (.other, .other): return
    default: turns.add(from: first.on, to: second.on)
    }
  }

  private func tightest(
    _ resourceID: String, _ side: TriggerSide?, _ shared: TriggerSide.Standing?,
    _ standing: (TriggerSide, Int) -> TriggerSide.Standing?
  ) -> Tighter {
    guard let side else { return .shared([]) }
    guard let draw = side.draw(on: resourceID) else { return .shared(shared?.on ?? []) }
    guard let other = standing(side, draw) else { return .none }
    guard let shared else { return .other(other.on) }
    let isFirst = side.draw(on: pool.resourceID) ?? 0 < draw
    let isOther =
      isFirst
      ? other.headroom.isTighter(than: shared.headroom)
      : !shared.headroom.isTighter(than: other.headroom)
    return isOther ? .other(other.on) : .shared(shared.on)
  }
}
