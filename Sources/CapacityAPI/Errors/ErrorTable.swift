internal import Capacity
internal import CapacityEngine
internal import CupoSchema
internal import Protobuf
package import RPC

/// The one table from what went wrong inside to what the caller is told.
package enum ErrorTable {
  static func refusal(for rejection: Rejection) -> Refusal {
    switch rejection {
    case .lines(let failures): return refusal(for: failures)
    case .keyReused(let field): return Refusal(.idempotencyKeyReused, [.init("field", field)])
    case .reservationNotFound: return Refusal(.reservationNotFound)
    case .reservationExpired(let failures):
      var refusal = Refusal(.reservationExpired)
      refusal.preconditions = failures.map(precondition)
      if let strongest = strongest(failures) {
        refusal.metadata = [.init("obstacle", reason(for: strongest.obstacle).name ?? "")]
      }
      return refusal
    case .alreadyConsumed: return Refusal(.alreadyConsumed)
    case .alreadyReleased: return Refusal(.alreadyReleased)
    case .alreadyCancelled: return Refusal(.alreadyCancelled)
    case .exceedsHeld(let line, let requested, let held):
      return Refusal(
        .exceedsHeldQuantity,
        [.init("line", "\(line)"), .init("requested", "\(requested)"), .init("held", "\(held)")])
    case .notConsumed: return Refusal(.notConsumed)
    case .extensionLimit(let latest):
      return Refusal(.extensionLimit, latest.map { [.init("latest_expires_at", $0.text)] } ?? [])
    case .stockBelowZero(let total):
      return Refusal(.stockBelowZero, [.init("total", "\(total)")])
    case .versionConflict(let current):
      return Refusal(.versionConflict, [.init("current_version", "\(current)")])
    case .resourceNotFound(let id): return Refusal(.resourceNotFound, [.init("resource_id", id)])
    case .productNotFound(let id): return Refusal(.productNotFound, [.init("product_id", id)])
    case .notOwner: return Refusal(.notOwner)
    case .violations(let violations):
      var refusal = Refusal.violations(
        violations.map { .init(field: $0.field, description: $0.description) })
      if violations.allSatisfy(\.isSlotSpelling) { refusal.reason = .slotMalformed }
      return refusal
    }
  }

  static func refusal(for error: EngineError) -> Refusal {
    switch error {
    case .storageUnavailable: Refusal(.storageUnavailable)
    case .overloaded: Refusal(.overloaded)
    case .stopping: Refusal(.shuttingDown)
    case .tooLate: Refusal(.deadlineExceeded)
    }
  }

  /// What the server itself finds wrong with a call.
  package static func refusal(for fault: TransportFault) -> Refusal? {
    switch fault {
    case .malformedMessage(let error):
      error.kind == .tooLarge
        ? Refusal(.messageTooLarge) : Refusal(.malformedMessage, [.init("subject", error.subject)])
    case .messageTooLarge(let limit), .metadataTooLarge(let limit):
      Refusal(.messageTooLarge, [.init("limit_bytes", "\(limit)")])
    case .unimplemented(let path): Refusal(.methodUnimplemented, [.init("method", path)])
    case .deadlineExceeded: Refusal(.deadlineExceeded)
    case .shuttingDown: Refusal(.shuttingDown)
    case .internalFailure: Refusal(.internal)
    case .malformedFraming, .malformedTimeout: Refusal(.malformedMessage)
    // gRPC has its own answer to that, with the encodings that would do.
    case .unsupportedEncoding: nil
    }
  }

  static func reason(for obstacle: Capacity.Obstacle) -> ErrorReason {
    switch obstacle.kind {
    case .slotMalformed: .slotMalformed
    case .productNotFound: .productNotFound
    case .noSlotAtTime: .noSlotAtTime
    case .slotPast: .slotPast
    case .paused: .paused
    case .closed: .closed
    case .notYetOnSale: .notYetOnSale
    case .saleEnded: .saleEnded
    case .leadTime: .leadTime
    case .cutoffPassed: .cutoffPassed
    case .beyondHorizon: .beyondHorizon
    case .belowMinQuantity: .belowMinQuantity
    case .aboveMaxQuantity: .aboveMaxQuantity
    case .buyerLimitReached: .buyerLimitReached
    case .soldOut: .soldOut
    case .insufficientCapacity: .insufficientCapacity
    case .heldByOthers: .heldByOthers
    }
  }

  // ErrorInfo carries the strongest failure; every failing line has a violation.
  private static func refusal(for failures: [LineFailure]) -> Refusal {
    guard let strongest = strongest(failures) else {
      preconditionFailure("a rejection of lines names at least one")
    }
    var refusal = Refusal(reason(for: strongest.obstacle), particulars(of: strongest.obstacle))
    refusal.metadata.append(.init("line", "\(strongest.line)"))
    refusal.preconditions = failures.map(precondition)
    if case .slotMalformed = strongest.obstacle.kind {
      refusal.fieldViolations = failures.filter { $0.obstacle.kind == .slotMalformed }.map {
        .init(
          field: "lines[\($0.line)].slot",
          description: "Not the canonical spelling of a slot: \($0.obstacle.subject)")
      }
    }
    return refusal
  }

  private static func strongest(_ failures: [LineFailure]) -> LineFailure? {
    failures.min { ($0.obstacle.rank, $0.line) < ($1.obstacle.rank, $1.line) }
  }

  private static func precondition(_ failure: LineFailure) -> Refusal.Precondition {
    let reason = reason(for: failure.obstacle)
    return Refusal.Precondition(
      type: reason.name ?? "", subject: "lines[\(failure.line)]",
      description: reason.entry.textEnglish)
  }

  static func particulars(of obstacle: Capacity.Obstacle) -> [Refusal.Particular] {
    switch obstacle.kind {
    case .insufficientCapacity(let requested, let available):
      [.init("requested", "\(requested)"), .init("available", "\(available)")]
    case .heldByOthers(let expiry?): [.init("next_expiry", expiry.text)]
    case .leadTime(let earliest): [.init("earliest", earliest.text)]
    case .cutoffPassed(let cutoff): [.init("cutoff_at", cutoff.text)]
    case .beyondHorizon(let latest): [.init("latest", latest.description)]
    case .saleEnded(let end): [.init("ended_at", end.text)]
    case .belowMinQuantity(let least): [.init("min_quantity", "\(least)")]
    case .aboveMaxQuantity(let most), .buyerLimitReached(let most):
      [.init("max_quantity", "\(most)")]
    case .closed(let reason): [.init("closure", reason.rawValue)]
    case .productNotFound: [.init("product_id", obstacle.subject)]
    case .notYetOnSale: obstacle.until.map { [.init("on_sale_from", $0.text)] } ?? []
    default: []
    }
  }
}

extension Refusal.Particular {
  init(_ key: String, _ value: String) {
    self.key = key
    self.value = value
  }
}
