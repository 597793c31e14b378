extension ScheduledResource {
  /// What about the definition makes no sense; every violation, so that one answer is enough.
  package func violations(replacing current: Resource?) -> [Violation] {
    identityViolations(current) + scheduleViolations() + seasonViolations() + overrideViolations()
      + closureViolations() + stockRuleViolations()
  }

  private func identityViolations(_ current: Resource?) -> [Violation] {
    var list: [Violation] = []
    if case .stock(nil) = resource.inventory {
      list.append(Violation("resource.stock.total", "A new stock needs a total."))
    }
    guard let current else { return list }
    if current.sellerID != resource.sellerID {
      list.append(
        Violation("resource.seller_id", "A resource stays with its seller, \(current.sellerID)."))
    }
    if current.inventory.kind != resource.inventory.kind {
      list.append(
        Violation("resource.inventory", "A resource keeps its kind; create another resource."))
    }
    return list
  }

  private func scheduleViolations() -> [Violation] {
    guard case .slots(let windows) = resource.inventory else { return [] }
    return Self.violations(of: windows, at: "resource.slots.windows")
  }

  // Windows must end after they start and must not give the same start twice on one day.
  private static func violations(of windows: [Window], at path: String) -> [Violation] {
    var list: [Violation] = []
    for (index, window) in windows.enumerated() where window.end <= window.start {
      list.append(Violation("\(path)[\(index)].end", "A window ends after it starts."))
    }
    for (index, window) in windows.enumerated() where window.slotMinutes < 1 {
      list.append(Violation("\(path)[\(index)].slot_minutes", "A slot lasts a minute or more."))
    }
    for (index, window) in windows.enumerated() {
      let clash = windows[..<index].firstIndex { $0.sharesStart(with: window) }
      if let clash {
        list.append(
          Violation("\(path)[\(index)]", "Gives a slot the same start as windows[\(clash)]."))
      }
    }
    return list
  }

  private func seasonViolations() -> [Violation] {
    var list = Self.rangeViolations(resource.seasons.map(\.dates), at: "resource.seasons")
    for (index, season) in resource.seasons.enumerated() {
      let path = "resource.seasons[\(index)]"
      if resource.seasons[..<index].contains(where: { $0.dates.overlaps(season.dates) }) {
        list.append(Violation("\(path).dates", "Seasons of a resource must not overlap."))
      }
      if resource.seasons[..<index].contains(where: { $0.id == season.id }) {
        list.append(Violation("\(path).season_id", "Another season has this id."))
      }
      list += Self.violations(of: season.saleWindow, at: "\(path).sale_window")
    }
    return list + Self.violations(of: resource.saleWindow, at: "resource.sale_window")
  }

  private func overrideViolations() -> [Violation] {
    var list = Self.rangeViolations(resource.overrides.map(\.dates), at: "resource.overrides")
    for (index, rule) in resource.overrides.enumerated() {
      let path = "resource.overrides[\(index)]"
      if resource.overrides[..<index].contains(where: { $0.dates.overlaps(rule.dates) }) {
        list.append(Violation("\(path).dates", "Date overrides of a resource must not overlap."))
      }
      if rule.limit == nil && rule.windows.isEmpty {
        list.append(Violation(path, "A date override sets a limit, windows, or both."))
      }
      if !rule.windows.isEmpty && resource.inventory.kind != .slots {
        list.append(Violation("\(path).windows", "Only a resource with slots has windows."))
      }
      list += Self.violations(of: rule.windows, at: "\(path).windows")
      list += slotViolations(rule.slots, at: "\(path).slots")
    }
    return list
  }

  private func closureViolations() -> [Violation] {
    var list = Self.rangeViolations(resource.closures.map(\.dates), at: "resource.closures")
    for (index, closure) in resource.closures.enumerated() {
      list += slotViolations(closure.slots, at: "resource.closures[\(index)].slots")
    }
    return list
  }

  private func slotViolations(_ slots: [String], at path: String) -> [Violation] {
    slots.enumerated().compactMap { index, slot in
      guard find(slotID: slot, at: Instant(seconds: 0)) == .malformed else { return nil }
      let text = "Not the canonical spelling of a slot: \(slot)"
      return Violation("\(path)[\(index)]", text, isSlotSpelling: true)
    }
  }

  // A stock has no dates, so nothing about it can depend on how far away a date is.
  private func stockRuleViolations() -> [Violation] {
    guard resource.inventory.kind == .stock else { return [] }
    var list: [Violation] = []
    if !resource.overrides.isEmpty {
      list.append(Violation("resource.overrides", "A stock has no dates to override."))
    }
    for (index, season) in resource.seasons.enumerated() where season.limit != nil {
      list.append(
        Violation("resource.seasons[\(index)].limit", "A stock has one total, not one by season."))
    }
    let seasonWindows = resource.seasons.enumerated().map { index, season in
      (season.saleWindow, "resource.seasons[\(index)].sale_window")
    }
    for (window, path) in seasonWindows + [(resource.saleWindow, "resource.sale_window")] {
      guard let window else { continue }
      if window.leadTime.microseconds > 0 {
        list.append(Violation("\(path).lead_time", "A stock has no start to keep a lead time to."))
      }
      if window.cutoffTime != nil {
        list.append(Violation("\(path).cutoff_time", "A stock has no date to shut."))
      }
      if window.horizonDays > 0 {
        list.append(Violation("\(path).horizon_days", "A stock has no dates ahead."))
      }
    }
    return list
  }

  private static func rangeViolations(_ ranges: [DateRange?], at path: String) -> [Violation] {
    ranges.enumerated().compactMap { index, range in
      guard let range, range.to < range.from else { return nil }
      return Violation("\(path)[\(index)].dates.to_date", "Must not be before from_date.")
    }
  }

  private static func violations(of window: SaleWindow?, at path: String) -> [Violation] {
    guard let from = window?.onSaleFrom, let until = window?.onSaleUntil, until <= from else {
      return []
    }
    return [Violation("\(path).on_sale_until", "Must be after on_sale_from.")]
  }
}

extension Window {
  fileprivate func sharesStart(with other: Window) -> Bool {
    return !days.isDisjoint(with: other.days) && !starts.isDisjoint(with: other.starts)
  }

  // Minutes of the day at which slots begin on a day without a clock change.
  private var starts: Set<Int> {
    guard stepMinutes > 0, slotMinutes > 0, start < end else { return [] }
    return Set(
      stride(from: start.minutes, through: end.minutes - slotMinutes, by: stepMinutes))
  }
}
