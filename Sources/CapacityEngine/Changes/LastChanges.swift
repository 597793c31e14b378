import Capacity

/// When each pool and each definition last changed, as positions in the log, so that who comes back is told what it missed.
///
/// It takes room by pools, not by changes: a busy day on one pool is one entry.
struct LastChanges {
  // What changed since the last turnover, and what changed between that and the one before.
  private var recent: [PoolKey: UInt64] = [:]
  private var older: [PoolKey: UInt64] = [:]
  private var resources: [String: UInt64] = [:]
  private var products: [String: UInt64] = [:]
  private let poolsMax: Int
  // Where `recent` begins.
  private var turnover: UInt64
  /// What changed up to here is not known.
  private(set) var floor: UInt64
  /// The last event that has happened.
  private(set) var position: UInt64

  /// - Parameter poolsMax: pools that are remembered at most; what changed longest ago is forgotten.
  init(position: UInt64, poolsMax: Int) {
    self.position = position
    floor = position
    turnover = position
    self.poolsMax = poolsMax
  }

  /// Whether what changed behind `position` is known.
  func knows(since position: UInt64) -> Bool { floor <= position && position <= self.position }

  mutating func note(_ pool: PoolKey, at position: UInt64) {
    if recent.count >= poolsMax / 2 {
      (older, recent) = (recent, [:])
      (floor, turnover) = (max(floor, turnover), self.position)
    }
    recent[pool] = position
  }

  mutating func note(resource: String, at position: UInt64) { resources[resource] = position }
  mutating func note(product: String, at position: UInt64) { products[product] = position }

  /// Everything up to `position` has been noted.
  mutating func advance(to position: UInt64) { self.position = position }

  /// Anything may be different: all that is known is where things stand.
  mutating func forget(at position: UInt64) {
    (recent, older, resources, products) = ([:], [:], [:], [:])
    (floor, turnover, self.position) = (position, position, position)
  }

  /// Takes over what happened between `first`, exclusive, and `last`, which the floor must not lie behind: it moves back to
  /// `first`. Nothing happens where there is no room.
  mutating func extendBack(to first: UInt64, through last: UInt64, _ changes: Changes) {
    guard first < floor, last >= floor else { return }
    guard older.count + changes.pools.count <= poolsMax / 2 else { return }
    // Where exactly it was does not matter: nobody asks from between.
    for pool in changes.pools where recent[pool] == nil && older[pool] == nil {
      older[pool] = floor
    }
    for id in changes.resources where resources[id] == nil { resources[id] = floor }
    for id in changes.products where products[id] == nil { products[id] = floor }
    floor = first
  }

  /// Those of `pools` that changed behind `position`.
  func changed(since position: UInt64, among pools: ArraySlice<PoolKey>) -> [PoolKey] {
    pools.filter { (recent[$0] ?? older[$0] ?? 0) > position }
  }

  /// The definitions that changed behind `position`.
  func definitions(since position: UInt64) -> Changes {
    Changes(
      resources: Set(resources.lazy.filter { $0.value > position }.map(\.key)),
      products: Set(products.lazy.filter { $0.value > position }.map(\.key)))
  }
}
