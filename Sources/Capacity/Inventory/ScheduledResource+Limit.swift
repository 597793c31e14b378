extension ScheduledResource {
  /// What the pool of `occurrence` carries at `now`: date override before season before base schedule, and the
  /// overbooking budget on top.
  package func limit(of occurrence: Occurrence, at now: Instant) -> Limit {
    let limit = overriddenLimit(of: occurrence) ?? season(on: occurrence.date)?.limit
    return (limit ?? occurrence.baseLimit).raised(by: resource.overbooking?.units(at: now) ?? 0)
  }

  /// The season that `date` lies in; seasons of a resource never overlap.
  package func season(on date: CivilDate) -> Season? {
    resource.seasons.first { $0.dates.contains(date) }
  }

  /// The sale window in force for `date`.
  package func saleWindow(on date: CivilDate) -> SaleWindow? {
    season(on: date)?.saleWindow ?? resource.saleWindow
  }

  /// The closure that covers `occurrence`, if one does.
  package func closure(of occurrence: Occurrence) -> Closure? {
    guard !resource.closures.isEmpty else { return nil }
    let id = resource.closures.contains { !$0.slots.isEmpty } ? slotID(of: occurrence) : ""
    return resource.closures.first { closure in
      guard closure.slots.isEmpty else { return closure.slots.contains(id) }
      return closure.dates?.contains(occurrence.date) ?? false
    }
  }

  private func overriddenLimit(of occurrence: Occurrence) -> Limit? {
    guard let rule = resource.overrides.first(where: { $0.dates.contains(occurrence.date) }) else {
      return nil
    }
    // Windows of an override bring limits of their own, which are stronger than a season's too.
    let windowLimit = rule.windows.isEmpty ? nil : occurrence.baseLimit
    let concerned = rule.slots.isEmpty || rule.slots.contains(slotID(of: occurrence))
    return concerned ? rule.limit ?? windowLimit : windowLimit
  }
}
