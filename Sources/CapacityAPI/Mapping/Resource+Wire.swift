internal import Capacity
internal import CupoSchema
internal import Protobuf

extension Capacity.Resource {
  /// The definition that a Put brings. The rules of the fields have been checked; what cannot be understood all the
  /// same is collected in `problems`.
  init(_ message: CupoSchema.Resource, problems: inout [Refusal.FieldProblem]) {
    let inventory: Inventory
    switch message.inventory {
    case .stock(let stock)?: inventory = .stock(total: stock.total.map(Capacity.Limit.init))
    case .dailyCapacity(let daily)?: inventory = .daily(Capacity.DailyCapacity(daily, &problems))
    case .slots(let slots)?:
      inventory = .slots(slots.windows.compactMap(Window.init))
    case nil: inventory = .stock(total: nil)
    }
    self.init(
      id: message.resourceID, sellerID: message.sellerID, name: message.name,
      timeZone: message.timeZone.isEmpty ? "UTC" : message.timeZone, inventory: inventory)
    seasons = message.seasons.compactMap(Capacity.Season.init)
    overrides = message.overrides.compactMap(Capacity.DateOverride.init)
    closures = message.closures.enumerated().compactMap { index, closure in
      let mapped = Capacity.Closure(closure)
      if mapped == nil {
        problems.append(
          .init(
            field: "resource.closures[\(index)].dates",
            description: "A closure names dates, or single slots."))
      }
      return mapped
    }
    saleWindow = message.saleWindow.map(Capacity.SaleWindow.init)
    paused = message.paused
    overbooking = message.overbooking.map(Capacity.OverbookingBudget.init)
  }

  var message: CupoSchema.Resource {
    var message = CupoSchema.Resource()
    message.resourceID = id
    message.sellerID = sellerID
    message.name = name
    message.timeZone = timeZone
    message.inventory = inventory.message
    message.seasons = seasons.map(\.message)
    message.overrides = overrides.map(\.message)
    message.closures = closures.map(\.message)
    message.saleWindow = saleWindow?.message
    message.paused = paused
    message.overbooking = overbooking?.message
    message.version = version
    return message
  }
}
