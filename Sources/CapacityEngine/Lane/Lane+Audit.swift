import Capacity

/// What the audit log says of commands. Those without a note are none of its business, and cost nothing here.
extension Lane {
  /// Executes `item`, and notes what the audit log is to say of it. What is rejected has changed nothing, so whoever words the
  /// rejection sees to its entry.
  func carryOut(_ item: Item, _ now: Instant) throws(StorageError) -> Outcome {
    guard let note = item.note else { return Ledger.execute(item.command, on: &set, at: now) }
    let before = AuditedDefinition(of: item.command, in: set.catalogue)
    let outcome = Ledger.execute(item.command, on: &set, at: now)
    if case .rejected = outcome { return outcome }
    let after = AuditedDefinition(of: item.command, in: set.catalogue)
    var record = AuditRecord(
      .staffActed, at: now, note.source, subject: subject(of: outcome, note), reason: note.reason)
    if before != after {
      record.kind = .configurationChanged
      record.before = try before?.text() ?? ""
      record.after = try after?.text() ?? ""
      set.note(record)
      if let budget = after?.newBudget(since: before) {
        record.kind = .overbookingApproved
        record.reason = budget.reason
        set.note(record)
      }
    } else if note.isOfStaff {
      set.note(record)
    }
    return outcome
  }

  private func subject(of outcome: Outcome, _ note: AuditNote) -> String {
    if note.subject.isEmpty, case .reserved(let reservation, _) = outcome {
      return naming.id(of: reservation.number)
    }
    return note.subject
  }
}

/// The definition that a command is about, as the catalogue has it.
private enum AuditedDefinition: Equatable {
  case resource(Resource)
  case product(Product)

  /// Nil: there is none, or the command is about no definition.
  init?(of command: Command, in catalogue: Catalogue) {
    switch command {
    case .putResource(let put): self.init(resource: put.resource.id, catalogue)
    case .adjustStock(let adjustment): self.init(resource: adjustment.resourceID, catalogue)
    case .putProduct(let put): self.init(product: put.product.id, catalogue)
    case .setPause(let pause):
      switch pause.target {
      case .resource(let id): self.init(resource: id, catalogue)
      case .product(let id): self.init(product: id, catalogue)
      }
    case .reserve, .consume, .release, .extend, .cancel: return nil
    }
  }

  private init?(resource id: String, _ catalogue: Catalogue) {
    guard let found = catalogue.resource(id) else { return nil }
    self = .resource(found.resource)
  }

  private init?(product id: String, _ catalogue: Catalogue) {
    guard let found = catalogue.product(id) else { return nil }
    self = .product(found)
  }

  func text() throws(StorageError) -> String {
    let bytes =
      switch self {
      case .resource(let resource): try RecordCodec.encode(resource)
      case .product(let product): try RecordCodec.encode(product)
      }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The overbooking budget, where `before` did not have it like this.
  func newBudget(since before: AuditedDefinition?) -> OverbookingBudget? {
    guard case .resource(let resource) = self, let budget = resource.overbooking else { return nil }
    if case .resource(let old)? = before, old.overbooking == budget { return nil }
    return budget
  }
}
