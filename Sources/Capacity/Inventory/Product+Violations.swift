extension Product {
  /// What about the definition makes no sense. Every resource that it draws on exists in `catalogue`.
  package func violations(in catalogue: Catalogue, replacing current: Product?) -> [Violation] {
    var list: [Violation] = []
    if let current, current.sellerID != sellerID {
      list.append(
        Violation("product.seller_id", "A product stays with its seller, \(current.sellerID)."))
    }
    return list + drawViolations(catalogue) + limitViolations() + holdViolations()
      + triggerViolations(catalogue)
  }

  private func drawViolations(_ catalogue: Catalogue) -> [Violation] {
    let resources = draws.map { catalogue.resource($0.resourceID)?.resource }
    var list: [Violation] = []
    for (index, draw) in draws.enumerated() {
      let path = "product.draws[\(index)].resource_id"
      if draws[..<index].contains(where: { $0.resourceID == draw.resourceID }) {
        list.append(Violation(path, "Drawn on twice; give one draw more units instead."))
      }
      guard let resource = resources[index] else { continue }
      if resource.sellerID != sellerID {
        list.append(Violation(path, "Belongs to another seller."))
      }
      if let first = resources[0], resource.inventory.kind > first.inventory.kind {
        list.append(
          Violation(path, "The first draw must be the finest: slots before days before stock."))
      }
    }
    return list
  }

  private func limitViolations() -> [Violation] {
    var list: [Violation] = []
    if limits.maxQuantity > 0, limits.minQuantity > limits.maxQuantity {
      list.append(Violation("product.limits.max_quantity", "Must not be less than min_quantity."))
    }
    return list
  }

  private func triggerViolations(_ catalogue: Catalogue) -> [Violation] {
    let isStock =
      draws.first.flatMap { catalogue.resource($0.resourceID)?.resource.inventory.kind } == .stock
    var list: [Violation] = []
    for (index, trigger) in pricingTriggers.enumerated() {
      let path = "product.pricing_triggers[\(index)]"
      if pricingTriggers[..<index].contains(where: { $0.id == trigger.id }) {
        list.append(Violation("\(path).trigger_id", "Another trigger has this id."))
      }
      if isStock, case .daysBefore = trigger.condition {
        list.append(
          Violation("\(path).days_before_at_most", "A stock has no date to count days to."))
      }
    }
    return list
  }

  private func holdViolations() -> [Violation] {
    guard let standard = holds.defaultTTL, let longest = holds.maxTTL, standard > longest else {
      return []
    }
    return [Violation("product.holds.default_ttl", "Must not be more than max_ttl.")]
  }
}
