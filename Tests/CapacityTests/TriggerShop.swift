import Capacity
import SeededRandom

/// A small shop in which nearly everything shares something, with triggers by occupancy on all of it.
struct TriggerShop {
  private static let dates = ["2026-12-02", "2026-12-03", "2026-12-24"]
  private static let starts = ["10:00", "11:00", "12:00"]

  private(set) var differences: [String] = []
  private(set) var diary: [String] = []
  var witness = TriggerWitness()
  private var random: SplitMix
  private var desk = Desk()
  private var places: [TriggerWitness.Place] = []
  private var count = 0

  init(seed: UInt64) {
    random = SplitMix(seed: seed)
    for id in ["seats", "guide", "day", "kits", "boxes"] { putResource(id) }
    for index in Self.draws.indices { putProduct(index) }
    _ = witness.look(&desk, allPlaces())
  }

  /// What each product draws on, the finest first.
  private static let draws = [
    ["seats"], ["seats", "kits"], ["seats", "day"], ["day", "kits"], ["kits"], ["kits", "boxes"],
    ["seats", "day", "kits"], ["seats", "guide", "kits"], ["seats", "kits", "boxes"],
  ]

  mutating func step(seed: UInt64) {
    random = SplitMix(seed: seed)
    if chance(3) {
      desk.advance(Int64(number(1...(chance(40) ? 90_000 : 300))))
      desk.settle()
      look("time")
    }
    // A third of them edits, so that the rest runs into what they leave.
    switch number(0...23) {
    case 0..<12: reserve()
    case 12..<17: resolve()
    case 17: putResource(["seats", "guide", "day", "kits", "boxes"][number(0...4)])
    case 18: putProduct(number(0...Self.draws.count - 1))
    case 19:
      let kits = chance(2) ? "kits" : "boxes"
      desk.adjust(kits, Int64(number(-5...6)), id: "adjust-\(desk.events.count)")
    default: cancel()
    }
    look("edit")
  }

  // MARK: The steps

  private mutating func reserve() {
    count += 1
    let lines = (0..<number(1...2)).compactMap { _ in anyLine() }
    let before = lines.map { desk.availability($0.productID, $0.slot)?.pricing }
    let outcome = run(
      .reserve(
        Command.Reserve(
          key: IdempotencyKey(buyerID: "b", key: "k\(count)"), lines: lines,
          ttl: Interval(seconds: Int64(number(1...900))), reference: "", actor: "x")))
    let frozen = outcome.reservation?.lines.map(\.pricing)
    if let frozen, frozen != before { differences.append("frozen \(frozen), shown \(before)") }
    look("reserve", isWhole: true)
  }

  // The last start of each day is never sold, so that there is always a slot which nothing was drawn from.
  private mutating func anyLine() -> Command.RequestedLine? {
    let index = number(0...Self.draws.count - 1)
    let day = Self.dates[number(0...Self.dates.count - 1)]
    let slot =
      switch Self.draws[index][0] {
      case "seats": "\(day)T\(Self.starts[number(0...1)]):00+00:00"
      case "day": day
      default: ""
      }
    return line("p\(index)", Int64(number(1...4)), slot: slot)
  }

  private mutating func resolve() {
    let number = UInt64(self.number(1...max(1, count)))
    let resolve = Command.Resolve(
      number: number, scope: .anyone, amounts: [], requestID: "", actor: "x",
      reacquire: chance(2))
    _ = run(chance(3) ? .consume(resolve) : .release(resolve))
    look("resolve", isWhole: true)
  }

  private mutating func cancel() {
    let number = UInt64(self.number(1...max(1, count)))
    desk.cancel(number)
    look("cancel", isWhole: true)
  }

  private mutating func run(_ command: Command) -> Outcome {
    diary.append("\(command)")
    return desk.run(command)
  }

  private mutating func putResource(_ id: String) {
    let limit: Limit = chance(8) ? .unlimited : .units(Int64(number(0...14)))
    var resource =
      switch id {
      case "seats", "guide": slots(id, window("10:00", "13:00", limit: limit))
      case "day": daily(id, Int64(number(0...30)))
      default: stock(id, Int64(number(0...30)))
      }
    if resource.inventory.kind != .stock, chance(2) {
      resource.seasons = [
        Season(
          id: "high", dates: DateRange(from: date("2026-12-20"), to: date("2026-12-31")),
          limit: .units(Int64(number(0...20))))
      ]
    }
    diary.append("\(resource)")
    desk.put(resource)
  }

  private mutating func putProduct(_ index: Int) {
    var next = product("p\(index)")
    next.draws = Self.draws[index].map { Draw(resourceID: $0, units: Int64(number(1...2))) }
    // Now and then only a part of it, or the other part in another order.
    if next.draws.count == 3, chance(4) { next.draws.remove(at: number(1...2)) }
    next.pricingTriggers = (0..<number(1...2)).map { trigger in
      PricingTrigger(
        id: "t\(trigger)", condition: .occupancyAtLeast(percent: number(1...100)),
        adjustmentBasisPoints: 100)
    }
    diary.append("\(next)")
    desk.put(next)
  }

  // MARK: Looking

  private mutating func look(_ what: String, isWhole: Bool = false) {
    let found = witness.look(&desk, allPlaces(), isWhole: isWhole)
    differences += found.map { "after \(what): \($0)" }
  }

  // With a day inside the season and one outside it on which nothing is ever sold.
  private mutating func allPlaces() -> [TriggerWitness.Place] {
    guard places.isEmpty else { return places }
    places = Self.draws.indices.flatMap { index -> [TriggerWitness.Place] in
      let days = Self.dates + ["2026-12-10", "2026-12-30"]
      let ids =
        switch Self.draws[index][0] {
        case "seats": days.flatMap { day in Self.starts.map { "\(day)T\($0):00+00:00" } }
        case "day": days
        default: [""]
        }
      return ids.map { TriggerWitness.Place(product: "p\(index)", slot: $0) }
    }
    return places
  }

  /// What was done, and the log of it.
  var story: String {
    (diary.suffix(3) + desk.events.suffix(4).map { "\($0.kind) \($0.movements) \($0.reason)" })
      .joined(separator: "\n")
  }

  private mutating func chance(_ of: Int) -> Bool { number(1...of) == 1 }

  private mutating func number(_ range: ClosedRange<Int>) -> Int {
    Int.random(in: range, using: &random)
  }
}
