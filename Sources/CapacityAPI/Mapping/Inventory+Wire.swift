internal import Capacity
internal import CupoSchema
internal import Protobuf

extension Capacity.Limit {
  init(_ message: CupoSchema.Limit) {
    switch message.kind {
    case .units(let units)?: self = .units(Int64(clamping: units))
    case .unlimited?, nil: self = .unlimited
    }
  }

  var message: CupoSchema.Limit {
    var message = CupoSchema.Limit()
    switch self {
    case .units(let units): message.kind = .units(UInt64(clamping: units))
    case .unlimited: message.kind = .unlimited(true)
    }
    return message
  }
}

extension Capacity.Weekday {
  init?(_ message: CupoSchema.Weekday) {
    self.init(rawValue: Int(message.rawValue))
  }

  var message: CupoSchema.Weekday {
    CupoSchema.Weekday(rawValue: Int32(rawValue))
  }
}

extension Inventory {
  var message: CupoSchema.Resource.Inventory {
    switch self {
    case .stock(let total):
      var stock = Stock()
      stock.total = total?.message
      return .stock(stock)
    case .daily(let daily):
      return .dailyCapacity(daily.message)
    case .slots(let windows):
      var slots = Slots()
      slots.windows = windows.map(\.message)
      return .slots(slots)
    }
  }
}

extension Capacity.DailyCapacity {
  init(_ message: CupoSchema.DailyCapacity, _ problems: inout [Refusal.FieldProblem]) {
    self.init(defaultLimit: message.defaultLimit.map(Capacity.Limit.init) ?? .units(0))
    for (index, entry) in message.weekdays.enumerated() {
      guard let day = Capacity.Weekday(entry.day), let limit = entry.limit else { continue }
      let before = weekdays.updateValue(Capacity.Limit(limit), forKey: day)
      guard before != nil else { continue }
      problems.append(
        .init(
          field: "resource.daily_capacity.weekdays[\(index)].day",
          description: "This weekday has a limit already."))
    }
  }

  var message: CupoSchema.DailyCapacity {
    var message = CupoSchema.DailyCapacity()
    message.defaultLimit = defaultLimit.message
    message.weekdays = Capacity.Weekday.allCases.compactMap { day in
      weekdays[day].map { limit in
        var entry = CupoSchema.DailyCapacity.WeekdayLimit()
        entry.day = day.message
        entry.limit = limit.message
        return entry
      }
    }
    return message
  }
}

extension Window {
  init?(_ message: Slots.Window) {
    guard let start = ClockTime(message.start), let end = ClockTime(message.end),
      let limit = message.limit
    else { return nil }
    let slotMinutes = Int(message.slotMinutes)
    self.init(
      days: Set(message.days.compactMap(Capacity.Weekday.init)), start: start, end: end,
      slotMinutes: slotMinutes,
      stepMinutes: message.stepMinutes == 0 ? slotMinutes : Int(message.stepMinutes),
      limit: Capacity.Limit(limit))
  }

  var message: Slots.Window {
    var message = Slots.Window()
    message.days = Capacity.Weekday.allCases.filter(days.contains).map(\.message)
    message.start = start.description
    message.end = end.description
    message.slotMinutes = UInt32(slotMinutes)
    message.stepMinutes = UInt32(stepMinutes)
    message.limit = limit.message
    return message
  }
}
