import CupoSchema
import Protobuf
import Testing

@testable import cupo

@Suite struct CatalogueFileTests {
  private func resource(_ yaml: String) throws -> Resource {
    let file = try CatalogueFile.read("resources:\n-\n  \(yaml)", name: "t")
    guard case .resource(let resource)? = file.entries.first?.content else {
      throw Expectation(message: "no resource")
    }
    return resource
  }

  private func problems(_ yaml: String) -> [String] {
    do throws(CatalogueFailure) {
      _ = try CatalogueFile.read(yaml, name: "t")
      return []
    } catch {
      return error.text.split(separator: "\n").map(String.init)
    }
  }

  @Test func `a stock with its limit as a number`() throws {
    var expected = Resource()
    (expected.resourceID, expected.sellerID, expected.name) = ("a", "s", "It: \"A\"")
    var stock = Stock()
    stock.total = Limit(units: 12_000)
    expected.inventory = .stock(stock)
    let yaml = #"{resource_id: a, seller_id: s, name: 'It: "A"', stock: {total: 12_000}}"#
    #expect(try resource(yaml) == expected)
  }

  @Test func `weekdays, closures, seasons and the sale window in their short forms`() throws {
    let found = try resource(
      """
      resource_id: m
        seller_id: s
        daily_capacity: {default_limit: unlimited, weekdays: {saturday: 40}}
        closures:
        - {closure_id: c, dates: 2026-12-24..2026-12-31, reason: vacation}
        seasons:
        - {season_id: high, dates: 2026-12-01, limit: 9, default_ttl: 1h30m}
        sale_window: {lead_time: 2d, on_sale_from: "2026-11-01T08:00:00-05:00"}
      """)
    guard case .dailyCapacity(let daily)? = found.inventory else { throw Expectation(message: "") }
    #expect(daily.defaultLimit?.kind == .unlimited(true))
    #expect(daily.weekdays.map(\.day) == [.saturday])
    #expect(daily.weekdays.map(\.limit) == [Limit(units: 40)])
    #expect(found.closures.first?.dates?.toDate == "2026-12-31")
    #expect(found.closures.first?.reason == .vacation)
    #expect(found.seasons.first?.dates?.toDate == "2026-12-01")
    #expect(found.seasons.first?.defaultTTL == ProtobufDuration(seconds: 5_400))
    #expect(found.saleWindow?.leadTime == ProtobufDuration(seconds: 172_800))
    #expect(found.saleWindow?.onSaleFrom == ProtobufTimestamp(seconds: 1_793_538_000))
  }

  @Test func `windows list their days, alone or several`() throws {
    let found = try resource(
      """
      resource_id: b
        seller_id: s
        slots:
          windows:
          - {days: monday, start: "09:00", end: "10:00", slot_minutes: 60, limit: {units: 3}}
          - {days: [WEEKDAY_SUNDAY, Friday], start: 09:00, end: 10:00, slot_minutes: 30, limit: 1}
      """)
    guard case .slots(let slots)? = found.inventory else { throw Expectation(message: "") }
    #expect(slots.windows.map(\.days) == [[.monday], [.sunday, .friday]])
    #expect(slots.windows.map(\.start) == ["09:00", "09:00"])
    #expect(slots.windows.map(\.limit) == [Limit(units: 3), Limit(units: 1)])
  }

  @Test func `draws are names, or say how many units`() throws {
    let file = try CatalogueFile.read(
      """
      products:
      - {product_id: p, seller_id: s, draws: [a, {resource_id: b, units: 4}, {resource_id: c}]}
      """, name: "t")
    guard case .product(let product)? = file.entries.first?.content else {
      throw Expectation(message: "no product")
    }
    #expect(product.draws.map(\.resourceID) == ["a", "b", "c"])
    #expect(product.draws.map(\.units) == [1, 4, 1])
  }

  @Test func `documents and lists of kinds go together, resources first`() throws {
    let file = try CatalogueFile.read(
      """
      kind: product
      product_id: p
      seller_id: s
      draws: [r]
      ---
      - {kind: resource, resource_id: r, seller_id: s, stock: {total: 1}}
      - {kind: product, product_id: q, seller_id: s, draws: [r]}
      ---
      resources:
      """, name: "t")
    #expect(file.entries.map { "\($0.kind) \($0.id)" } == ["resource r", "product p", "product q"])
  }

  @Test(arguments: [
    (
      "resources:\n- resource_id: a\n  seler_id: b",
      "t:3: unknown key `seler_id` in `Resource`: did you mean `seller_id`?"
    ),
    ("\nresource: []", "t:2: unknown key `resource` in the file: did you mean `resources`?"),
    (
      "zzz: 1",
      "t:1: unknown key `zzz` in the file: it has `products`, `resources`"
    ),
    (
      "resources:\n- resource_id: a\n  seller_id: b\n  stock:\n    total: many",
      "t:5: a limit is a number from 0 on, or `unlimited`, not `many`"
    ),
    (
      "resources:\n- resource_id: a\n  seller_id: b\n  stock: {}\n  slots: {}",
      "t:5: `slots` and `stock` exclude each other"
    ),
    (
      "resources:\n- {resource_id: a, seller_id: b, stock: 5}",
      "t:2: expected the fields of `Stock`, not a single value"
    ),
    (
      "resources:\n- {resource_id: [a], seller_id: b, stock: {}}",
      "t:2: expected a value for `resource_id`, not a list"
    ),
    (
      "products:\n- {product_id: a, seller_id: b, draws: [c], paused: maybe}",
      "t:2: `paused` is true or false, not `maybe`"
    ),
    (
      "products:\n- product_id: a\n  seller_id: b\n  draws: [c]\n  holds: {default_ttl: soon}",
      "t:5: a duration is as in `90s`, `15m`, `2h` or `1d`, not `soon`"
    ),
    (
      "products:\n- product_id: a\n  seller_id: b\n  draws: [c]\n  limited_threshold_percent: -1",
      "t:5: `limited_threshold_percent` is a whole number from 0 to 4294967295, not `-1`"
    ),
    (
      "products:\n- product_id: a\n  seller_id: b\n  draws: [c]\n  limited_threshold_percent: 101",
      "t:5: product.limited_threshold_percent: Must be at most 100."
    ),
    (
      "products:\n- {product_id: a, seller_id: b, draws: [c]}\n- {product_id: a, seller_id: b, draws: [c]}",
      "t:3: product `a` is in line 2 already"
    ),
    ("- {resource_id: a}", "t:1: expected an entry with `kind: resource` or `kind: product`"),
    ("products: {a: 1}", "t:1: expected a list of products, not keys and values"),
    ("resources:\n- a: 1\n  a: 2", "t:2: written twice: `a`"),
  ])
  func `problems name their line`(yaml: String, problem: String) {
    #expect(problems(yaml).first == problem)
  }

  @Test func `all problems are told at once, in the order of the file`() {
    let found = problems("resources:\n- {a: 1}\nproducts:\n- {b: 2}\nfoo:")
    #expect(found.map { $0.prefix(4) } == ["t:2:", "t:4:", "t:5:"])
  }

  @Test func `an empty file is an empty catalogue`() throws {
    #expect(try CatalogueFile.read("", name: "t").entries.isEmpty)
    #expect(try CatalogueFile.read("# nothing\n", name: "t").entries.isEmpty)
  }

  @Test func `the examples are four sellers, with every kind and every rule`() throws {
    let path = "\(#filePath)".replacing("Tests/CupoTests/CatalogueFileTests.swift", with: "")
    let catalogue = try CatalogueSource.read(path + "examples")
    var sellers: Set<String> = []
    var text = ""
    for entry in catalogue.entries {
      switch entry.content {
      case .resource(let resource):
        sellers.insert(resource.sellerID)
        text += MessageJSON.value(resource).line
      case .product(let product):
        sellers.insert(product.sellerID)
        text += MessageJSON.value(product).line
      }
    }
    #expect(sellers == ["isla-tours", "la-mesa", "regalos-sol", "taller-barro"])
    for rule in [
      "\"total\":{\"units\"", "\"unlimited\":true", "weekdays\":[{", "overrides\":[{",
      "seasons\":[{",
      "closures\":[{", "cutoff_days_before\":1", "\"lead_time", "overbooking\":{", "default_ttl",
      "\"max_quantity\":2", "\"units\":8",
    ] {
      #expect(text.contains(rule), "\(rule)")
    }
    #expect(catalogue.entries.first?.kind == "resource")
    #expect(catalogue.entries.last?.kind == "product")
  }
}

extension Limit {
  fileprivate init(units: UInt64) {
    self.init()
    kind = .units(units)
  }
}
