import Capacity
import Logging

/// Moves the beginning of the log forward, in small steps: a later checkpoint first, then the events that it covers go.
///
/// The balances of a checkpoint are added up from the events, never copied from the counters, so a counter that is wrong
/// stays visible to whoever verifies. A log that does not add up is evidence: nothing of it is taken away, unless a repair
/// further on has settled it.
final class LogTrimmer {
  private let policy: EventRetention
  private let log: any EventLog
  private let logger: Logger
  private(set) var checkpoint: LogCheckpoint
  private var bytes = 0
  private var countedThrough: UInt64
  private var mayBeTrimmed = true
  /// The log does not add up: everything is evidence.
  private(set) var isContradictory = false
  // Reads ahead for a repair, once something does not add up.
  private var survey: LogSums?
  // Up to here all that does not add up is settled.
  private var settledThrough: UInt64 = 0
  private var buffer: [UInt8] = []

  /// Events whose size is looked up at once.
  private static let countedAtOnce: UInt64 = 5_000

  init(_ policy: EventRetention, _ log: any EventLog, _ logger: Logger) throws(StorageError) {
    self.policy = policy
    self.log = log
    self.logger = logger
    checkpoint = try log.checkpoint()
    countedThrough = checkpoint.sequence
  }

  /// Does a little.
  /// - Parameter position: the last event that the store has.
  /// - Returns: whether there is more to do at once.
  func step(at now: Instant, position: UInt64) throws(StorageError) -> Bool {
    guard !isContradictory else { return false }
    if mayBeTrimmed {
      mayBeTrimmed = try log.trim(limit: policy.eventsPerStep) == policy.eventsPerStep
      if mayBeTrimmed { return true }
    }
    if policy.maxBytes != nil, countedThrough < position {
      // A restore leaves out more numbers than anybody can walk through.
      let first = try log.events(after: countedThrough, limit: 1).first?.sequence ?? position
      let end = min(position, max(countedThrough, first - 1) + Self.countedAtOnce)
      bytes += try log.bytes(after: countedThrough, through: end)
      countedThrough = end
      if end < position { return true }
    }
    if survey != nil { return try lookAhead(position) }
    return try advance(now)
  }

  // MARK: The checkpoint

  private func advance(_ now: Instant) throws(StorageError) -> Bool {
    let page = try log.events(after: checkpoint.sequence, limit: policy.eventsPerStep)
    let leaving = try leaving(page, now, upTo: try log.poolsWrittenTo())
    guard let last = leaving.events.last else { return false }
    var next = checkpoint
    let touched = Set(leaving.events.flatMap { $0.movements.map(\.pool) })
    var balances = try log.balances(of: touched)
    for event in leaving.events {
      guard add(event, to: &next, &balances) || event.sequence <= settledThrough else {
        survey = LogSums(from: checkpoint)
        return true
      }
    }
    try log.write(next, replacing: checkpoint, balances: balances)
    checkpoint = next
    bytes -= leaving.bytes
    mayBeTrimmed = true
    logger.debug("the log begins behind event \(last.sequence)")
    return true
  }

  // The oldest events, as long as one of the limits wants them gone and no pool's row needs them.
  private func leaving(
    _ page: [Event], _ now: Instant, upTo poolsWrittenTo: UInt64
  ) throws(StorageError) -> (events: ArraySlice<Event>, bytes: Int) {
    var leavingBytes = 0
    for (index, event) in page.enumerated() {
      let isOld = policy.maxAge.map { event.at + $0 < now } ?? false
      let isTooMuch = policy.maxBytes.map { bytes - leavingBytes > $0 } ?? false
      guard isOld || isTooMuch, event.sequence <= poolsWrittenTo else {
        return (page[..<index], leavingBytes)
      }
      if policy.maxBytes != nil {
        buffer.removeAll(keepingCapacity: true)
        try RecordCodec.encode(event, into: &buffer)
        leavingBytes += buffer.count
      }
    }
    return (page[...], leavingBytes)
  }

  // Answers whether the event fits what comes before it.
  private func add(
    _ event: Event, to next: inout LogCheckpoint, _ balances: inout [PoolKey: Pool]
  ) -> Bool {
    var fits = event.sequence == next.sequence + 1
    next.sequence = event.sequence
    if case .reservation(let reservation) = event.subject {
      next.lastReservation = max(next.lastReservation, reservation.number)
    }
    for movement in event.movements {
      let pool = (balances[movement.pool] ?? .untouched).moved(by: movement, kind: event.kind)
      fits = fits && pool == movement.balance
      balances[movement.pool] = pool
    }
    return fits
  }

  // MARK: What does not add up

  private func lookAhead(_ position: UInt64) throws(StorageError) -> Bool {
    guard var ahead = survey else { return false }
    let page = try log.events(after: ahead.lastSequence, limit: policy.eventsPerStep)
    let touched = Set(page.flatMap { $0.movements.map(\.pool) })
    for (key, balance) in try log.balances(of: touched.filter { !ahead.knows($0) }) {
      ahead.add(balance: balance, of: key)
    }
    for event in page { ahead.add(event) }
    survey = ahead
    guard page.isEmpty || ahead.lastSequence >= position else { return true }
    survey = nil
    settledThrough = ahead.lastSequence
    isContradictory = !ahead.isSound
    if isContradictory {
      logger.critical(
        "P2 the log does not add up behind event \(checkpoint.sequence); keeping all of it. Run cupo verify."
      )
    }
    return !isContradictory
  }
}
