extension Ledger {
  /// Stops sales of a resource or product, or lets them go on. What is set already changes nothing.
  static func setPause(
    _ command: Command.SetPause, _ set: inout WorkingSet, _ now: Instant
  ) -> Outcome {
    switch command.target {
    case .resource(let id):
      guard let scheduled = set.catalogue.resource(id) else {
        return .rejected(.resourceNotFound(id))
      }
      var resource = scheduled.resource
      guard command.scope.owns(resource.sellerID) else { return .rejected(.notOwner) }
      guard resource.paused != command.paused else { return .resource(resource, Impact()) }
      resource.paused = command.paused
      resource.version += 1
      set.write(resource, zone: scheduled.zone)
      set.append(
        .resourceChanged, at: now, .resource(resource), [], actor: command.actor,
        reason: command.reason)
      return .resource(resource, Impact())
    case .product(let id):
      guard var product = set.catalogue.product(id) else { return .rejected(.productNotFound(id)) }
      guard command.scope.owns(product.sellerID) else { return .rejected(.notOwner) }
      guard product.paused != command.paused else { return .product(product, Impact()) }
      product.paused = command.paused
      product.version += 1
      set.write(product)
      set.append(
        .productChanged, at: now, .product(product), [], actor: command.actor,
        reason: command.reason)
      return .product(product, Impact())
    }
  }
}
