internal import Capacity
internal import CupoSchema
internal import Protobuf

extension Capacity.DateRange {
  init?(_ message: CupoSchema.DateRange) {
    guard let from = CivilDate(message.fromDate), let to = CivilDate(message.toDate) else {
      return nil
    }
    self.init(from: from, to: to)
  }

  var message: CupoSchema.DateRange {
    var message = CupoSchema.DateRange()
    message.fromDate = from.description
    message.toDate = to.description
    return message
  }
}

extension Capacity.DateOverride {
  init?(_ message: CupoSchema.DateOverride) {
    guard let dates = message.dates.flatMap(Capacity.DateRange.init) else { return nil }
    self.init(
      dates: dates, slots: message.slots, limit: message.limit.map(Capacity.Limit.init),
      windows: message.windows.compactMap(Window.init))
  }

  var message: CupoSchema.DateOverride {
    var message = CupoSchema.DateOverride()
    message.dates = dates.message
    message.slots = slots
    message.limit = limit?.message
    message.windows = windows.map(\.message)
    return message
  }
}

extension Capacity.Season {
  init?(_ message: CupoSchema.Season) {
    guard let dates = message.dates.flatMap(Capacity.DateRange.init) else { return nil }
    self.init(
      id: message.seasonID, dates: dates, limit: message.limit.map(Capacity.Limit.init),
      saleWindow: message.saleWindow.map(Capacity.SaleWindow.init),
      defaultTTL: message.defaultTTL.map(Interval.init))
  }

  var message: CupoSchema.Season {
    var message = CupoSchema.Season()
    message.seasonID = id
    message.dates = dates.message
    message.limit = limit?.message
    message.saleWindow = saleWindow?.message
    message.defaultTTL = defaultTTL?.duration
    return message
  }
}

extension Capacity.Closure {
  /// Nil where it names neither dates nor slots. A closure of slots alone covers no whole date.
  init?(_ message: CupoSchema.Closure) {
    let dates = message.dates.flatMap(Capacity.DateRange.init)
    guard dates != nil || !message.slots.isEmpty else { return nil }
    self.init(
      id: message.closureID, dates: dates, slots: message.slots,
      reason: Reason(rawValue: message.reason.name ?? "") ?? .blackout)
  }

  var message: CupoSchema.Closure {
    var message = CupoSchema.Closure()
    message.closureID = id
    message.dates = dates?.message
    message.slots = slots
    message.reason =
      CupoSchema.Closure.Reason.allCases.first { $0.name == reason.rawValue } ?? .unspecified
    return message
  }
}

extension Capacity.SaleWindow {
  init(_ message: CupoSchema.SaleWindow) {
    self.init(
      leadTime: message.leadTime.map(Interval.init) ?? Interval(microseconds: 0),
      cutoffTime: ClockTime(message.cutoffTime),
      cutoffDaysBefore: Int(message.cutoffDaysBefore), horizonDays: Int(message.horizonDays),
      onSaleFrom: message.onSaleFrom.map(Instant.init),
      onSaleUntil: message.onSaleUntil.map(Instant.init))
  }

  var message: CupoSchema.SaleWindow {
    var message = CupoSchema.SaleWindow()
    if leadTime.microseconds > 0 { message.leadTime = leadTime.duration }
    message.cutoffTime = cutoffTime?.description ?? ""
    message.cutoffDaysBefore = UInt32(cutoffDaysBefore)
    message.horizonDays = UInt32(horizonDays)
    message.onSaleFrom = onSaleFrom?.timestamp
    message.onSaleUntil = onSaleUntil?.timestamp
    return message
  }
}

extension Capacity.OverbookingBudget {
  init(_ message: CupoSchema.OverbookingBudget) {
    self.init(
      units: Int64(clamping: message.units), reason: message.reason,
      until: message.until.map(Instant.init))
  }

  var message: CupoSchema.OverbookingBudget {
    var message = CupoSchema.OverbookingBudget()
    message.units = UInt64(clamping: units)
    message.reason = reason
    message.approvedBy = approvedBy
    message.until = until?.timestamp
    return message
  }
}
