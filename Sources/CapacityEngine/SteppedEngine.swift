package import Capacity
import Logging

/// An engine without threads: whoever has it says when the lane and the log take what waits for them.
///
/// For simulation, not for serving. The one thing to know: mailbox, lane, hub and log are the ones that `Engine` runs on
/// threads; nothing of what they do is written a second time here.
package final class SteppedEngine {
  /// The same engine as handlers and watches see it. What they ask is answered by `turn` and `answerReaders`.
  package let engine: Engine
  private let lane: Lane
  private let mailbox: Mailbox
  private let log: LogThread
  private var batch: [Work] = []

  /// Opens the engine on `storage`, as `Engine.start` does.
  ///
  /// - Parameters:
  ///   - waitingMax: how much may wait for the lane.
  ///   - retention: how much of the log `shortenLog` keeps.
  ///   - sweepLimits: when pools are written.
  ///   - ahead: with what it decides the next batch while one is written; nil: it does not.
  package init(
    storage: any Storage, waitingMax: Int, retention: EventRetention,
    sweepLimits: PoolSweep.Limits = PoolSweep.Limits(), ahead: Ahead? = nil,
    clock: @escaping @Sendable () -> Instant, zone: @escaping @Sendable (String) -> Zone?
  ) throws(StorageError) {
    let logger = Logger(label: "stepped", factory: { _ in SwiftLogNoOpLogHandler() })
    var set = try WarmUp.workingSet(of: storage, zone: zone)
    set.sweepLimits = sweepLimits
    let hub = ChangeHub(position: set.counters.nextSequence - 1, catalogue: set.catalogue)
    let naming = ReservationNaming(key: try storage.identity().namingKey)
    // Its time is the simulator's: how long the machine takes changes nothing.
    mailbox = Mailbox(waitingMax: waitingMax, now: { 0 })
    lane = Lane(
      storage: storage, set: set, changes: hub, naming: naming, logger: logger, clock: clock,
      zone: zone, committer: ahead?.committer)
    if let ahead {
      lane.shared.aboutOthers = Array(
        repeating: Caution(batches: ahead.caution), count: set.lanesCount)
      lane.shared.aboutKeys = Caution(batches: ahead.caution)
    }
    let audit = AuditTrail(lane.events, AuditLimits(), clock: clock)
    log = LogThread(lane.events, audit, storage.openLog, retention, clock, logger)
    let told = lane.shared.told
    storage.onNews { told.note($0) }
    let content = StartedLane.Content(
      hub: hub, events: lane.events, naming: naming, clock: lane.storeClock,
      told: told, audit: audit, openLog: storage.openLog)
    let over = AsyncStream<Void> { $0.finish() }
    engine = Engine(mailbox: mailbox, content, ended: over, logEnded: over)
  }

  /// Deciding ahead, by hand.
  package struct Ahead {
    /// Has the write that is under way.
    package let committer: StepCommitter
    /// So many batches ask the store first after one was wrong about it. Servers have 64.
    package let caution: Int

    package init(committer: StepCommitter, caution: Int) {
      (self.committer, self.caution) = (committer, caution)
    }
  }

  /// Whether something is decided that the store does not have yet, as far as the lane knows.
  package var isUnderWay: Bool { lane.written != nil || lane.open != nil }

  /// When the lane next has something to do by itself; nil: never.
  package var nextTurn: Instant? { lane.nextTurn() }

  /// Lets the lane take everything that waits for it, and expire what has run out.
  package func turn() {
    _ = mailbox.take(into: &batch, waitingAtMost: 0)
    lane.turn(batch)
    batch.removeAll(keepingCapacity: true)
  }

  /// Lets the lane go on with what it decided ahead. Comes after each turn of one that does.
  ///
  /// - Parameter isMoreWaiting: whether it is to take it that there is work to decide meanwhile.
  package func moveOn(isMoreWaiting: Bool) {
    lane.moveOn { isMoreWaiting }
  }

  /// Answers those who wait for a page of the log.
  package func answerReaders() {
    log.answer(lane.events.take(waitingAtMost: 0) ?? [])
    log.serveAudit()
  }

  /// Does a little of what retention asks for.
  package func shortenLog() {
    log.shorten()
  }

  // MARK: Asking without a task

  /// Has `command` decided at the next turn.
  package func post(
    _ command: Command, note: AuditNote? = nil,
    _ answer: @escaping @Sendable (Result<Outcome, EngineError>) -> Void
  ) {
    post(.command(command, note: note, answer))
  }

  /// Has `query` answered at the next turn.
  package func post(
    _ query: ReadQuery, _ answer: @escaping @Sendable (Result<Reading, EngineError>) -> Void
  ) {
    post(.read(query, answer))
  }

  /// Has the reservation with this number looked up at the next turn.
  package func post(
    lookUp number: UInt64,
    _ answer: @escaping @Sendable (Result<Reservation?, EngineError>) -> Void
  ) {
    post(.lookUp(number, answer))
  }

  /// Has a part of a list of reservations read at the next turn.
  package func post(
    _ query: ReservationQuery,
    _ answer: @escaping @Sendable (Result<ReservationPage, EngineError>) -> Void
  ) {
    post(.list(query, answer))
  }

  private func post(_ work: Work) {
    if let error = mailbox.post(work) { work.fail(error) }
  }
}
