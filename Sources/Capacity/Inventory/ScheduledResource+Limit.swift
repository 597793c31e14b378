extension ScheduledResource {
  /// What the pool of `occurrence` carries at `now`: date override before season before base schedule, and the
  /// overbooking budget on top.
  package func limit(of occurrence: Occurrence, at now: Instant) -> Limit {
    limit(of: scheduled(occurrence), at: now)
  }

  /// As ``limit(of:at:)``, of what has been worked out.
  func limit(of slot: ScheduledSlot, at now: Instant) -> Limit {
    // Nobody approved to sell more of what is no longer sold at all.
    slot.occurrence.isWithdrawn
      ? slot.limit : slot.limit.raised(by: resource.overbooking?.units(at: now) ?? 0)
  }

  /// The season that `date` lies in; seasons of a resource never overlap.
  package func season(on date: CivilDate) -> Season? {
    resource.seasons.first { $0.dates.contains(date) }
  }

  /// The sale window in force for `date`.
  package func saleWindow(on date: CivilDate) -> SaleWindow? {
    season(on: date)?.saleWindow ?? resource.saleWindow
  }

  /// The closures that cover `occurrence`, in the order in which they were defined.
  package func closures(of occurrence: Occurrence) -> [Closure] {
    guard !resource.closures.isEmpty else { return [] }
    let id = resource.closures.contains { !$0.slots.isEmpty } ? slotID(of: occurrence) : ""
    return resource.closures.filter { closure in
      guard closure.slots.isEmpty else { return closure.slots.contains(id) }
      return closure.dates?.contains(occurrence.date) ?? false
    }
  }
}
