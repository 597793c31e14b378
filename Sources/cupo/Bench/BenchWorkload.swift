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

  var meaning: String {
    switch self {
    case .reserveHot: "Reserve one unit of one pool"
    case .reserveUniform: "Reserve one unit of one of 10,000 pools"
    case .batchReserve:
      "BatchReserve of 1,000, over 10,000 pools; requests are what a call asks for"
    case .consume: "Consume what was reserved before the clock runs"
    case .lifecycle: "Reserve, then consume 70 %, release 20 %, let 10 % expire"
    case .availability: "GetAvailability of one date"
    case .calendar: "GetCalendar of 30 days with 16 slots each"
    case .watch: "from the Reserve to the change at each of IN-FLIGHT watches of its product"
    }
  }

  /// How many products it puts, each with a pool of its own.
  var pools: Int {
    switch self {
    case .reserveUniform, .batchReserve, .lifecycle, .consume: 10_000
    case .reserveHot, .availability, .calendar, .watch: 1
    }
  }
}
