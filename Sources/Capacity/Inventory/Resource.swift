/// Where capacity lives: a stock, a daily quota, or slots in weekly windows.
package struct Resource: Equatable, Sendable, Codable {
  package var id: String
  package var sellerID: String
  package var name: String
  /// An IANA name that the catalogue has a ``Zone`` for.
  package var timeZone: String
  package var inventory: Inventory
  package var seasons: [Season]
  package var overrides: [DateOverride]
  package var closures: [Closure]
  package var saleWindow: SaleWindow?
  package var paused: Bool
  package var overbooking: OverbookingBudget?
  /// Grows by one with every change; 0 before the first Put.
  package var version: UInt64

  package init(
    id: String, sellerID: String, name: String = "", timeZone: String = "UTC",
    inventory: Inventory
  ) {
    self.id = id
    self.sellerID = sellerID
    self.name = name
    self.timeZone = timeZone
    self.inventory = inventory
    seasons = []
    overrides = []
    closures = []
    paused = false
    version = 0
  }
}

extension Resource {
  /// Every limit in the definition.
  var limits: Set<Limit> {
    var limits = Set(seasons.compactMap(\.limit))
    limits.formUnion(overrides.compactMap(\.limit))
    switch inventory {
    case .stock(let total): limits = [total ?? .units(0)]
    case .daily(let daily):
      limits.insert(daily.defaultLimit)
      limits.formUnion(daily.weekdays.values)
    case .slots(let windows):
      limits.formUnion((windows + overrides.flatMap(\.windows)).map(\.limit))
    }
    return limits
  }
}
