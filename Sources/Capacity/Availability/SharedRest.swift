/// What is left of pools that several slots of a day share: a day's quota, a shelf. Units that one slot could sell are gone
/// for the others, so a day never promises them twice.
struct SharedRest {
  /// A pool of one draw, and how many units of the product it has room for by itself.
  struct Rest {
    var draw: Int
    var ordinal: Int64
    var units: Int64
  }

  /// The draws whose pools slots can share; slots of their own never are.
  let draws: [Int]
  private var rests: [Rest] = []

  init(_ offer: Offer) {
    draws = offer.resources.indices.filter { index in
      index > 0 && offer.resources[index].resource.inventory.kind != .slots
    }
  }

  /// Takes up to `wanted` units of the product from all of `pools`, which stand as they did before anything was taken.
  ///
  /// - Returns: how many all of them still had.
  mutating func take(_ wanted: Int64, from pools: [Rest]) -> Int64 {
    let indices = pools.map { pool in
      if let known = rests.firstIndex(where: { $0.draw == pool.draw && $0.ordinal == pool.ordinal })
      {
        return known
      }
      rests.append(pool)
      return rests.count - 1
    }
    let taken = indices.reduce(wanted) { min($0, rests[$1].units) }
    for index in indices { rests[index].units -= taken }
    return taken
  }
}
