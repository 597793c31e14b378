internal import CupoSchema

/// Products and resources for people: one row each.
enum CatalogueTable {
  static func lines(_ products: [Product], on terminal: Terminal) -> [String] {
    var table = TextTable()
    table.append(["PRODUCT", "SELLER", "DRAWS", "STATE", "NAME"].map { TextTable.Cell($0) })
    for product in products {
      let draws = product.draws.map { draw in
        draw.units > 1 ? "\(draw.resourceID) x\(draw.units)" : draw.resourceID
      }
      table.append([
        .init(product.productID), .init(product.sellerID),
        .init(draws.joined(separator: " + ")), state(product.paused), .init(product.name),
      ])
    }
    return products.isEmpty ? ["no products"] : table.lines(on: terminal)
  }

  static func lines(_ resources: [Resource], on terminal: Terminal) -> [String] {
    var table = TextTable()
    table.append(
      ["RESOURCE", "SELLER", "KIND", "ZONE", "STATE", "NAME"].map { TextTable.Cell($0) })
    for resource in resources {
      table.append([
        .init(resource.resourceID), .init(resource.sellerID), .init(kind(resource)),
        .init(resource.timeZone), state(resource.paused), .init(resource.name),
      ])
    }
    return resources.isEmpty ? ["no resources"] : table.lines(on: terminal)
  }

  private static func state(_ isPaused: Bool) -> TextTable.Cell {
    isPaused ? .init("paused", color: .yellow) : .init("on sale", color: .green)
  }

  private static func kind(_ resource: Resource) -> String {
    switch resource.inventory {
    case .stock(let stock)?: "stock of \(text(stock.total))"
    case .dailyCapacity(let daily)?: "\(text(daily.defaultLimit)) a day"
    case .slots(let slots)?:
      slots.windows.count == 1 ? "1 window" : "\(slots.windows.count) windows"
    case nil: "-"
    }
  }

  private static func text(_ limit: Limit?) -> String {
    if case .units(let units)? = limit?.kind { return "\(units)" }
    return "∞"
  }
}
