internal import ArgumentParser

/// What `cupo bench` can measure.
enum BenchWorkload: String, CaseIterable, ExpressibleByArgument {
  case reserveHot = "reserve-hot"
  case reserveUniform = "reserve-uniform"
  case batchReserve = "batch-reserve"
  case consume
  case lifecycle
  case availability
  case calendar
  case watch

  /// - Parameter pools: how many it has.
  func meaning(pools: Int) -> String {
    let pools = pools == 1 ? "one pool" : "one of \(Self.grouped(pools)) pools"
    return switch self {
    case .reserveHot: "Reserve one unit of one pool"
    case .reserveUniform: "Reserve one unit of \(pools)"
    case .batchReserve:
      "BatchReserve of 1,000, each of \(pools); requests are what a call asks for"
    case .consume: "Consume what was reserved before the clock runs"
    case .lifecycle: "Reserve, then consume 70 %, release 20 %, let 10 % expire"
    case .availability: "GetAvailability of one date"
    case .calendar: "GetCalendar of 30 days with 16 slots each"
    case .watch: "from the Reserve to the change at each of IN-FLIGHT watches of its product"
    }
  }

  /// How many products it puts, each with a pool of its own, unless the command says another number.
  var poolsDefault: Int { hasManyPools ? 10_000 : 1 }

  /// Whether its calls are spread over pools.
  var hasManyPools: Bool {
    switch self {
    case .reserveUniform, .batchReserve, .lifecycle, .consume: true
    case .reserveHot, .availability, .calendar, .watch: false
    }
  }

  /// Whether it holds something.
  var reserves: Bool { self != .availability && self != .calendar }

  private static func grouped(_ number: Int) -> String {
    let digits = Array(String(number))
    return digits.indices.reduce(into: "") { text, index in
      if index > 0, (digits.count - index) % 3 == 0 { text += "," }
      text.append(digits[index])
    }
  }
}
