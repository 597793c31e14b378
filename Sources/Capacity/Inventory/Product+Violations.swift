extension Product {
  /// What about the definition makes no sense. Every resource that it draws on exists in `catalogue`.
  package func violations(in catalogue: Catalogue, replacing current: Product?) -> [Violation] {
    var list: [Violation] = []
    if let current, current.sellerID != sellerID {
      list.append(
        Violation("product.seller_id", "A product stays with its seller, \(current.sellerID)."))
    }
    return list + drawViolations(catalogue) + limitViolations() + holdViolations()
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
    // What is not kept must not be accepted.
    if limits.maxHeldPerBuyer > 0 {
      list.append(
        Violation("product.limits.max_held_per_buyer", "This version does not limit buyers yet."))
    }
    if limits.maxPerBuyerPerDay > 0 {
      list.append(
        Violation("product.limits.max_per_buyer_per_day", "This version does not limit buyers yet.")
      )
    }
    if !pricingTriggers.isEmpty {
      list.append(
        Violation("product.pricing_triggers", "This version does not evaluate triggers yet."))
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
