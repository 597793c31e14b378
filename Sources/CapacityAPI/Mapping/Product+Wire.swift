internal import Capacity
internal import CupoSchema
internal import Protobuf

extension Capacity.Product {
  /// The definition that a Put brings; the rules of the fields have been checked.
  init(_ message: CupoSchema.Product) {
    self.init(
      id: message.productID, sellerID: message.sellerID, name: message.name,
      draws: message.draws.map {
        Capacity.Draw(resourceID: $0.resourceID, units: Int64($0.units))
      })
    if let policy = message.holds { holds = Capacity.HoldPolicy(policy) }
    if let purchase = message.limits { limits = Capacity.PurchaseLimits(purchase) }
    pricingTriggers = message.pricingTriggers.compactMap(Capacity.PricingTrigger.init)
    limitedThresholdPercent = Int(message.limitedThresholdPercent)
    paused = message.paused
  }

  var message: CupoSchema.Product {
    var message = CupoSchema.Product()
    message.productID = id
    message.sellerID = sellerID
    message.name = name
    message.draws = draws.map { draw in
      var entry = CupoSchema.Draw()
      entry.resourceID = draw.resourceID
      entry.units = UInt32(clamping: draw.units)
      return entry
    }
    if holds != Capacity.HoldPolicy() { message.holds = holds.message }
    if limits != Capacity.PurchaseLimits() { message.limits = limits.message }
    message.pricingTriggers = pricingTriggers.map(\.message)
    message.limitedThresholdPercent = UInt32(limitedThresholdPercent)
    message.paused = paused
    message.version = version
    return message
  }
}

extension Capacity.HoldPolicy {
  init(_ message: CupoSchema.HoldPolicy) {
    self.init(
      defaultTTL: message.defaultTTL.map(Interval.init),
      maxTTL: message.maxTTL.map(Interval.init), maxExtensions: Int(message.maxExtensions),
      maxHoldAge: message.maxHoldAge.map(Interval.init))
  }

  var message: CupoSchema.HoldPolicy {
    var message = CupoSchema.HoldPolicy()
    message.defaultTTL = defaultTTL?.duration
    message.maxTTL = maxTTL?.duration
    message.maxExtensions = UInt32(maxExtensions)
    message.maxHoldAge = maxHoldAge?.duration
    return message
  }
}

extension Capacity.PurchaseLimits {
  init(_ message: CupoSchema.PurchaseLimits) {
    self.init(
      minQuantity: Int64(message.minQuantity), maxQuantity: Int64(message.maxQuantity),
      maxHeldPerBuyer: Int64(message.maxHeldPerBuyer),
      maxPerBuyerPerDay: Int64(message.maxPerBuyerPerDay))
  }

  var message: CupoSchema.PurchaseLimits {
    var message = CupoSchema.PurchaseLimits()
    message.minQuantity = UInt32(minQuantity)
    message.maxQuantity = UInt32(maxQuantity)
    message.maxHeldPerBuyer = UInt32(maxHeldPerBuyer)
    message.maxPerBuyerPerDay = UInt32(maxPerBuyerPerDay)
    return message
  }
}

extension Capacity.PricingTrigger {
  init?(_ message: CupoSchema.PricingTrigger) {
    let condition: Condition
    switch message.when {
    case .occupancyAtLeastPercent(let percent)?:
      condition = .occupancyAtLeast(percent: Int(percent))
    case .seasonID(let id)?: condition = .season(id: id)
    case .daysBeforeAtMost(let days)?: condition = .daysBefore(atMost: Int(days))
    case nil: return nil
    }
    self.init(
      id: message.triggerID, condition: condition,
      adjustmentBasisPoints: Int(message.adjustmentBp))
  }

  var message: CupoSchema.PricingTrigger {
    var message = CupoSchema.PricingTrigger()
    message.triggerID = id
    switch condition {
    case .occupancyAtLeast(let percent): message.when = .occupancyAtLeastPercent(UInt32(percent))
    case .season(let id): message.when = .seasonID(id)
    case .daysBefore(let days): message.when = .daysBeforeAtMost(UInt32(days))
    }
    message.adjustmentBp = Int32(adjustmentBasisPoints)
    return message
  }
}
