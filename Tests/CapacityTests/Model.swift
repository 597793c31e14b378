import Capacity

/// A second, slow ledger that shares no code with the first: it keeps every reservation in a list and adds everything
/// up anew for each question.
struct Model {
  struct Draw: Hashable {
    var pool: PoolKey
    var units: Int64
  }

  struct Line {
    var product: String
    var slot: String
    var quantity: Int64
    var draws: [Draw]
    var held: Int64
    var consumed: Int64 = 0
    var released: Int64 = 0
    var expired: Int64 = 0
    var cancelled: Int64 = 0
  }

  struct Promise {
    var lines: [Line]
    var buyer: String
    var key: String
    var ttl: Int64?
    var createdAt: Instant
    var extensions = 0
    var expiresAt: Instant
    var state = Reservation.State.held
    /// What was asked for under each request id.
    var requests: [String: Request] = [:]
  }

  struct Request: Equatable {
    var action: AppliedRequest.Action
    var amounts: [LineAmount] = []
    var ttl: Int64?
  }

  enum Obstacle: Hashable {
    case paused
    case buyer
    case soldOut
    case insufficient
    case held(until: Instant?)
  }

  var limits: [String: Int64?] = [:]
  var paused: Set<String> = []
  struct Policy {
    var extensions: Int
    var age: Interval?
  }

  /// What one buyer may have of a product; 0: any number.
  struct BuyerLimit {
    var held: Int64 = 0
    var day: Int64 = 0
  }

  /// Who is judged; of a second try with the instant of its Reserve.
  struct Buyer {
    var id: String
    var reservedAt: Instant?
  }

  var policies: [String: Policy] = [:]
  var buyerLimits: [String: BuyerLimit] = [:]
  /// The threshold of the one trigger that a product has.
  var thresholds: [String: Int64] = [:]
  var products: [String: [(resource: String, units: Int64)]] = [:]
  /// Slot text to the ordinal of each kind of resource; the kinds by resource.
  var kinds: [String: Inventory.Kind] = [:]
  var promises: [Promise] = []
  var now = Instant(microseconds: 0)

  // MARK: Questions

  func held(_ pool: PoolKey) -> Int64 { sum(pool, \.held) }
  func consumed(_ pool: PoolKey) -> Int64 { sum(pool, \.consumed) }

  func nextExpiry(_ pool: PoolKey) -> Instant? {
    promises.filter { promise in
      promise.lines.contains { line in
        line.held > 0 && line.draws.contains { $0.pool == pool }
      }
    }.map(\.expiresAt).min()
  }

  func draws(_ product: String, _ slot: Slot) -> [Draw] {
    (products[product] ?? []).map { entry in
      let ordinal =
        switch kinds[entry.resource] {
        case .slots?: slot.second
        case .daily?: slot.day
        case .stock?, nil: Int64(0)
        }
      return Draw(pool: PoolKey(resourceID: entry.resource, ordinal: ordinal), units: entry.units)
    }
  }

  func spelling(_ product: String, _ slot: Slot) -> String {
    switch products[product].flatMap({ $0.first }).flatMap({ kinds[$0.resource] }) {
    case .slots?: slot.text
    case .daily?: String(slot.text.prefix(10))
    case .stock?, nil: ""
    }
  }

  /// What keeps each line from being sold, all lines together; nil: nothing.
  func judge(
    _ lines: [(product: String, quantity: Int64, draws: [Draw])], by buyer: Buyer? = nil
  ) -> [Obstacle?] {
    var demand: [PoolKey: Int64] = [:]
    for line in lines {
      for draw in line.draws { demand[draw.pool, default: 0] += draw.units * line.quantity }
    }
    return lines.map { line in
      if !paused.isDisjoint(with: line.draws.map(\.pool.resourceID)) { return .paused }
      let wanted = lines.filter { $0.product == line.product }.map(\.quantity).reduce(0, +)
      if let buyer, isLimited(line.product, wanted, buyer) { return .buyer }
      let tight = line.draws.filter { draw in
        guard case .some(let limit?) = limits[draw.pool.resourceID] else { return false }
        return held(draw.pool) + consumed(draw.pool) + (demand[draw.pool] ?? 0) > limit
      }
      if tight.isEmpty { return nil }
      let rest = tight.map { draw in
        ((limits[draw.pool.resourceID] ?? nil) ?? 0) - consumed(draw.pool)
      }
      if zip(tight, rest).contains(where: { $1 < $0.units }) { return .soldOut }
      if zip(tight, rest).contains(where: { (demand[$0.pool] ?? 0) > $1 }) { return .insufficient }
      return .held(until: tight.compactMap { nextExpiry($0.pool) }.max())
    }
  }

  private func isLimited(_ product: String, _ wanted: Int64, _ buyer: Buyer) -> Bool {
    guard let limit = buyerLimits[product] else { return false }
    let day = (buyer.reservedAt ?? now).seconds / 86_400
    var (held, taken) = (Int64(0), Int64(0))
    for promise in promises where promise.buyer == buyer.id {
      for line in promise.lines where line.product == product {
        held += line.held
        if promise.createdAt.seconds / 86_400 == day { taken += line.held + line.consumed }
      }
    }
    if limit.held > 0, buyer.reservedAt == nil, held + wanted > limit.held { return true }
    return limit.day > 0 && taken + wanted > limit.day
  }

  /// Whether the product's trigger must be on, must be off, or may be either; nil: it may be either.
  func mustBeOn(_ product: String, _ slot: Slot) -> Bool? {
    guard let threshold = thresholds[product] else { return false }
    var tightest: (rest: Int64, taken: Int64, limit: Int64)?
    for draw in draws(product, slot) {
      guard case .some(let limit?) = limits[draw.pool.resourceID] else { continue }
      let taken = held(draw.pool) + consumed(draw.pool)
      let free = limit - taken
      let rest = free >= 0 ? free / draw.units : -((-free + draw.units - 1) / draw.units)
      if tightest.map({ rest < $0.rest }) ?? true { tightest = (rest, taken, limit) }
    }
    guard let tightest else { return false }
    if tightest.limit == 0 { return tightest.taken > 0 }
    if tightest.taken * 100 >= tightest.limit * threshold { return true }
    return tightest.taken * 100 <= tightest.limit * (threshold - 5) ? false : nil
  }

  private func sum(_ pool: PoolKey, _ counter: KeyPath<Line, Int64>) -> Int64 {
    var total: Int64 = 0
    for promise in promises {
      for line in promise.lines {
        for draw in line.draws where draw.pool == pool {
          total += draw.units * line[keyPath: counter]
        }
      }
    }
    return total
  }

  // MARK: Changes

  mutating func expire() {
    for index in promises.indices where promises[index].expiresAt <= now {
      for line in promises[index].lines.indices {
        promises[index].lines[line].expired += promises[index].lines[line].held
        promises[index].lines[line].held = 0
      }
      if promises[index].state == .held { settle(index, .expired) }
    }
  }

  mutating func settle(_ index: Int, _ last: Reservation.State) {
    let lines = promises[index].lines
    if lines.contains(where: { $0.held > 0 }) { return }
    promises[index].state = lines.contains { $0.consumed > 0 } ? .consumed : last
  }
}

/// One start, spelled for each kind of resource.
struct Slot: Hashable {
  var text: String
  var second: Int64
  var day: Int64
}
