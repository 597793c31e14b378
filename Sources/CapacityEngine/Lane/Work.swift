package import Capacity

/// One thing that waits for a lane, with the way its answer goes back.
enum Work: Sendable {
  /// With what the audit log is to say of it, if anything.
  case command(
    Command, note: AuditNote? = nil, @Sendable (Result<Outcome, EngineError>) -> Void)
  /// Commands that are decided one after another in one batch, all or none of them.
  case commands(
    [Command], note: AuditNote? = nil, @Sendable (Result<[Outcome], EngineError>) -> Void)
  case read(ReadQuery, @Sendable (Result<Reading, EngineError>) -> Void)
  case lookUp(UInt64, @Sendable (Result<Reservation?, EngineError>) -> Void)
  case list(ReservationQuery, @Sendable (Result<ReservationPage, EngineError>) -> Void)

  /// Whether it goes ahead of everything else: giving back is never kept waiting by taking.
  var isUrgent: Bool {
    if case .command(.release, _, _) = self { return true }
    return false
  }

  /// Whether it only reads stored records.
  var isLookUp: Bool {
    switch self {
    case .lookUp, .list: true
    // A buyer is counted from stored records.
    case .read(let query, _): query.buyer != nil
    case .command, .commands: false
    }
  }

  /// How much of the room for what waits it takes.
  var size: Int {
    if case .commands(let commands, _, _) = self { commands.count } else { 1 }
  }

  /// Whether it may change something.
  var isCommand: Bool {
    switch self {
    case .command, .commands: true
    case .read, .lookUp, .list: false
    }
  }

  /// Whether a command of it changes which products limit their buyers.
  func changesBuyerLimits(in catalogue: @autoclosure () -> Catalogue) -> Bool {
    switch self {
    // Nearly all are none: to take such a command out, only to look at it, would copy it.
    case .command(.putProduct(let put), _, _): put.changesBuyerLimits(in: catalogue())
    case .commands(let commands, _, _):
      commands.contains { $0.changesBuyerLimits(in: catalogue()) }
    case .command, .read, .lookUp, .list: false
    }
  }

  func fail(_ error: EngineError) {
    switch self {
    case .command(_, _, let answer): answer(.failure(error))
    case .commands(_, _, let answer): answer(.failure(error))
    case .read(_, let answer): answer(.failure(error))
    case .lookUp(_, let answer): answer(.failure(error))
    case .list(_, let answer): answer(.failure(error))
    }
  }
}

/// Pools as they stood together at one instant.
package struct Reading: Sendable {
  /// The instant that everything here is true for; no hold that had run out by then is counted.
  package var asOf: Instant
  /// The last event that is in it.
  package var position: UInt64
  package var catalogue: Catalogue
  /// Every pool that was asked for.
  package var views: [PoolKey: PoolView]
  /// The pools that exist in the range asked for, ascending.
  package var ordinals: [Int64] = []
  /// Of each run that was asked for the pools that exist; what is not there is untouched.
  package var columns: [PoolColumn] = []
  /// Whether holds have run out in it that the log does not tell of yet, and may not for a while: the store can fail.
  package var isAhead = false
  /// The buyer asked for; nil where the product does not limit buyers.
  package var buyer: BuyerRecord?
}
