/// How much a pool can carry. Unlimited is a value of its own, never a big number.
package enum Limit: Hashable, Sendable, Codable {
  /// 0 to ``unitsMax`` units.
  case units(Int64)
  case unlimited

  /// The greatest limit: 10^15 units. Sums of limits and demands stay far from the end of 64 bits.
  package static let unitsMax: Int64 = 1_000_000_000_000_000

  /// This limit with `budget` units on top.
  package func raised(by budget: Int64) -> Limit {
    switch self {
    case .units(let units): .units(units + budget)
    case .unlimited: .unlimited
    }
  }
}
