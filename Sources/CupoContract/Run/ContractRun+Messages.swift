internal import CupoSchema
internal import Protobuf

// Messages that checks start from.
extension ContractRun {
  /// So many units.
  static func limit(_ units: UInt64) -> Limit {
    var limit = Limit()
    limit.kind = .units(units)
    return limit
  }

  /// A resource of this run without inventory.
  func resource(_ id: String) -> Resource {
    var resource = Resource()
    resource.resourceID = id
    resource.sellerID = sellerID
    resource.name = "contract suite"
    return resource
  }

  /// Units without dates.
  func stock(_ id: String, units: UInt64) -> Resource {
    var (resource, stock) = (resource(id), Stock())
    stock.total = Self.limit(units)
    resource.inventory = .stock(stock)
    return resource
  }

  /// A quota for each day, in UTC.
  func days(_ id: String, units: UInt64) -> Resource {
    var (resource, days) = (resource(id), DailyCapacity())
    days.defaultLimit = Self.limit(units)
    resource.inventory = .dailyCapacity(days)
    return resource
  }

  /// Slots of an hour from 09:00 to 12:00 of every day, in UTC.
  func slots(_ id: String, units: UInt64) -> Resource {
    var (resource, window, slots) = (resource(id), Slots.Window(), Slots())
    window.days = Weekday.allCases.filter(\.isKnown)
    window.start = "09:00"
    window.end = "12:00"
    window.slotMinutes = 60
    window.limit = Self.limit(units)
    slots.windows = [window]
    resource.inventory = .slots(slots)
    return resource
  }

  /// A product that draws one unit from each of `resources`.
  func product(_ id: String, of resources: [String]) -> Product {
    var product = Product()
    product.productID = id
    product.sellerID = sellerID
    product.name = "contract suite"
    product.draws = resources.map { Self.draw($0) }
    return product
  }

  static func draw(_ resourceID: String, units: UInt32 = 1) -> Draw {
    var draw = Draw()
    draw.resourceID = resourceID
    draw.units = units
    return draw
  }

  static func line(_ productID: String, _ quantity: UInt32, slot: String = "") -> Line {
    var line = Line()
    line.productID = productID
    line.slot = slot
    line.quantity = quantity
    return line
  }

  /// A Reserve with a key and a buyer of its own.
  func request(_ productID: String, _ quantity: UInt32, slot: String = "") -> ReserveRequest {
    var request = ReserveRequest()
    request.idempotencyKey = fresh("key")
    request.buyerID = fresh("buyer")
    request.lines = [Self.line(productID, quantity, slot: slot)]
    return request
  }

  static func amount(_ line: UInt32, _ quantity: UInt32) -> LineAmount {
    var amount = LineAmount()
    amount.line = line
    amount.quantity = quantity
    return amount
  }
}
