extension Ledger {
  static func putResource(
    _ command: Command.PutResource, _ set: inout WorkingSet, _ now: Instant
  ) -> Outcome {
    let current = set.catalogue.resource(command.resource.id)?.resource
    // Both, or a seller could take over what is another's, or hand over what is its own.
    guard command.scope.owns(command.resource.sellerID),
      current.map({ command.scope.owns($0.sellerID) }) ?? true
    else { return .rejected(.notOwner) }
    if let conflict = conflict(command.expectedVersion, current?.version) { return conflict }
    var resource = command.resource
    resource.inherit(from: current, actor: command.actor)
    let next = ScheduledResource(resource, zone: command.zone)
    let violations = next.violations(replacing: current)
    guard violations.isEmpty else { return .rejected(.violations(violations)) }

    let before = set.catalogue.resource(resource.id)
    let impact = impact(of: next, replacing: before, set, now)
    guard !command.validateOnly, resource != current else { return .resource(resource, impact) }
    let overcommitted = overcommittedPools(of: next, set, now)
    let triggered = triggeredOffers(on: resource.id, set)
    resource.version += 1
    set.write(resource, zone: command.zone)
    set.append(
      .resourceChanged, at: now, .resource(resource),
      stockMovement(from: current, to: resource, set),
      actor: command.actor)
    crossTriggers(of: triggered, on: resource.id, at: now, &set)
    announceOvercommitted(overcommitted, before, actor: command.actor, &set, now)
    return .resource(resource, impact)
  }

  static func putProduct(
    _ command: Command.PutProduct, _ set: inout WorkingSet, _ now: Instant
  ) -> Outcome {
    let current = set.catalogue.product(command.product.id)
    guard command.scope.owns(command.product.sellerID),
      current.map({ command.scope.owns($0.sellerID) }) ?? true
    else { return .rejected(.notOwner) }
    if let conflict = conflict(command.expectedVersion, current?.version) { return conflict }
    var product = command.product
    product.version = current?.version ?? 0
    if let current { product.paused = current.paused }
    let missing = product.draws.first { set.catalogue.resource($0.resourceID) == nil }
    if let missing { return .rejected(.resourceNotFound(missing.resourceID)) }
    // Who may draw on a resource can empty it.
    let owners = product.draws.compactMap {
      set.catalogue.resource($0.resourceID)?.resource.sellerID
    }
    guard owners.allSatisfy({ command.scope.owns($0) }) else { return .rejected(.notOwner) }
    let violations = product.violations(in: set.catalogue, replacing: current)
    guard violations.isEmpty else { return .rejected(.violations(violations)) }
    let impact = impact(of: product, replacing: current, set, now)
    guard !command.validateOnly, product != current else { return .product(product, impact) }
    let before = Offer(product.id, in: set.catalogue)
    product.version += 1
    set.write(product)
    set.append(.productChanged, at: now, .product(product), [], actor: command.actor)
    crossTriggers(of: product, replacing: before, at: now, &set)
    return .product(product, impact)
  }

  private static func conflict(_ expected: UInt64, _ current: UInt64?) -> Outcome? {
    guard expected != 0, expected != current ?? 0 else { return nil }
    return .rejected(.versionConflict(current: current ?? 0))
  }

  private static func stockMovement(
    from current: Resource?, to next: Resource, _ set: WorkingSet
  ) -> [Capacity.Movement] {
    let change = next.stockUnits - (current?.stockUnits ?? 0)
    guard change != 0 else { return [] }
    let key = PoolKey(resourceID: next.id, ordinal: 0)
    return [Capacity.Movement(pool: key, limit: change, balance: set.pool(key))]
  }
}

extension Resource {
  /// The units of a limited stock; 0 for everything else.
  fileprivate var stockUnits: Int64 {
    guard case .stock(.units(let units)?) = inventory else { return 0 }
    return units
  }

  /// Takes over what a Put on an existing resource never changes, and stamps what the server decides.
  fileprivate mutating func inherit(from current: Resource?, actor: String) {
    version = current?.version ?? 0
    if let current { paused = current.paused }
    if case .stock(nil) = inventory, case .stock(let total)? = current?.inventory {
      inventory = .stock(total: total)
    }
    guard var budget = overbooking else { return }
    // The same budget again keeps the name of who approved it.
    budget.approvedBy = current?.overbooking?.approvedBy ?? actor
    if budget != current?.overbooking { budget.approvedBy = actor }
    overbooking = budget
  }
}
