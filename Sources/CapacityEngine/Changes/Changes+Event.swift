import Capacity

extension Changes {
  /// Adds what `event` changed.
  mutating func insert(_ event: Event) {
    for movement in event.movements { pools.insert(movement.pool) }
    switch event.subject {
    case .resource(let resource): resources.insert(resource.id)
    case .product(let product): products.insert(product.id)
    // The log of an older version does not say which pools an extension touches.
    case .reservation(let reservation) where event.movements.isEmpty:
      for line in reservation.lines { pools.formUnion(line.draws.map(\.pool)) }
    // A repair names every pool that the gap left wrong; what else it hides nobody knows.
    case .gap: everything = true
    case .reservation, .pool: break
    }
  }
}
