package import Capacity
package import Logging

/// The engine: takes single requests, lets a lane decide them in batches, and publishes what became durable.
///
/// It knows no wire and no rules: those are CapacityAPI's and Capacity's. Every answer to a write is sent only after the
/// store has the write.
package final class Engine: Sendable {
  /// How much may wait for the lane before callers are told OVERLOADED.
  package static let waitingMax = 65_536
  /// How much the lane decides at once.
  package static let batchMax = WaitEstimate.largestBatch
  /// How long a call waits for the lane that does not say how long it does.
  package static let patience = Duration.seconds(10)

  private let mailbox: Mailbox
  let hub: ChangeHub
  /// The log, for those who follow it.
  package let events: EventFeed
  /// The audit log: what no lane decides is noted here, and everything is read from here.
  package let audit: AuditTrail
  private let ended: AsyncStream<Void>
  private let logEnded: AsyncStream<Void>
  /// Spells ids and codes of reservations.
  package let naming: ReservationNaming
  private let clock: StoreClock
  private let told: SharedStore.Told

  init(
    mailbox: Mailbox, _ started: StartedLane.Content, ended: AsyncStream<Void>,
    logEnded: AsyncStream<Void>
  ) {
    self.mailbox = mailbox
    hub = started.hub
    events = started.events
    audit = started.audit
    naming = started.naming
    self.clock = started.clock
    told = started.told
    self.ended = ended
    self.logEnded = logEnded
  }

  /// Opens the store and starts to decide.
  ///
  /// - Parameters:
  ///   - waitingMax: how much may wait for the lane, and as much again of what goes ahead.
  ///   - batchMax: how much the lane decides at once.
  ///   - patience: how long those wait who do not say how long they do.
  ///   - clock: the wall clock; the engine itself sees that decisions never go back.
  ///   - zone: finds a time zone by its IANA name.
  ///   - retention: how much of the log is kept.
  ///   - audit: how much of what is refused the audit log takes.
  ///   - storageChanged: called on the lane's thread when the store begins to fail, and when it works again.
  ///   - open: opens the store; called once, on the lane's thread, which owns it from then on.
  package static func start(
    logger: Logger, waitingMax: Int = Engine.waitingMax, batchMax: Int = Engine.batchMax,
    patience: Duration = Engine.patience,
    retention: EventRetention = EventRetention(), audit: AuditLimits = AuditLimits(),
    clock: @escaping @Sendable () -> Instant, zone: @escaping @Sendable (String) -> Zone?,
    storageChanged: @escaping @Sendable (_ isDown: Bool) -> Void = { _ in },
    open: @escaping @Sendable () throws(StorageError) -> any Storage
  ) async throws(StorageError) -> Engine {
    let mailbox = Mailbox(
      waitingMax: waitingMax, batchMax: batchMax, patience: Int64(patience / .microseconds(1)))
    let (ended, end) = AsyncStream<Void>.makeStream()
    let start = StartedLane()
    let result: Result<Void, StorageError> = await withCheckedContinuation { continuation in
      LaneThread.start(
        mailbox, clock: clock,
        open: { () throws(StorageError) -> Lane in
          let storage = try open()
          let set = try WarmUp.workingSet(of: storage, zone: zone)
          let hub = ChangeHub(position: set.counters.nextSequence - 1, catalogue: set.catalogue)
          let naming = ReservationNaming(key: try storage.identity().namingKey)
          let lane = Lane(
            storage: storage, set: set, changes: hub, naming: naming, logger: logger, clock: clock,
            zone: zone,
            committer: storage.ownership == .shared ? CommitThread(told: mailbox.nudge) : nil,
            storageChanged: storageChanged)
          let told = lane.shared.told
          storage.onNews { position in
            told.note(position)
            if position > hub.position { mailbox.nudge() }
          }
          start.fill(
            .init(
              hub: hub, events: lane.events, naming: naming, clock: lane.storeClock,
              told: told, audit: AuditTrail(lane.events, audit, clock: clock),
              openLog: storage.openLog))
          return lane
        },
        opened: { continuation.resume(returning: $0) },
        ended: { end.finish() })
    }
    try result.get()
    let started = start.value()
    let (logEnded, endLog) = AsyncStream<Void>.makeStream()
    LogThread.start(
      started.events, started.audit, open: started.openLog, retention: retention, clock: clock,
      logger: logger,
      ended: { endLog.finish() })
    return Engine(mailbox: mailbox, started, ended: ended, logEnded: logEnded)
  }

  /// The durable catalogue.
  package var catalogue: Catalogue { hub.catalogue }

  /// The time by the clock that decides: on a store that several nodes share it is the store's.
  package func now() -> Instant { clock.now() }

  // MARK: Answering without the lane

  /// Which revision of the catalogue is the durable one.
  package var revision: UInt64 { hub.revision }

  /// When pools of `run` last changed.
  package func stamps(of run: PoolRun) -> RunStamps { hub.stamps(of: run) }

  /// The moment of an answer that is still what it was when it was read; whether it is has to be asked after this. nil: only a reading
  /// can say.
  package func moment() -> ReadMoment? {
    guard told.last <= hub.position else { return nil }
    return clock.moment()
  }

  // MARK: Asking

  /// Whether a call that waits until `deadline` (nil: as long as calls do that do not say) would have its turn in time, as far as is
  /// known before anything of it is read. Where the lane is not busy this is one look at a flag.
  package func admits(until deadline: ContinuousClock.Instant?) -> Bool {
    guard mailbox.isCrowded else { return true }
    return mailbox.admits(deadline: Self.moment(deadline))
  }

  /// How long a call that comes now would wait for the lane.
  package var expectedWait: Duration { .microseconds(mailbox.wait) }

  /// Has `command` decided; answers when the outcome is durable, and with it what the audit log says of it.
  ///
  /// - Parameters:
  ///   - note: what the audit log is to say, should it change something.
  ///   - deadline: when the caller stops waiting: a command whose turn comes later is not carried out, a release
  ///     excepted. nil: it waits.
  package func execute(
    _ command: Command, note: AuditNote? = nil, until deadline: ContinuousClock.Instant? = nil
  ) async throws(EngineError) -> Outcome {
    try await withCheckedContinuation { continuation in
      execute(command, note: note, until: deadline) { continuation.resume(returning: $0) }
    }.get()
  }

  /// The same for those who do not wait: `answer` is called once, on any thread, and must not keep it.
  package func execute(
    _ command: Command, note: AuditNote? = nil, until deadline: ContinuousClock.Instant? = nil,
    _ answer: @escaping @Sendable (Result<Outcome, EngineError>) -> Void
  ) {
    post(.command(command, note: note, answer), deadline)
  }

  /// Has `commands`, at least one, decided one after another, with one instant and in one commit; answers when all outcomes
  /// are durable. A failure is one of all of them.
  package func execute(
    _ commands: [Command], note: AuditNote? = nil, until deadline: ContinuousClock.Instant? = nil
  ) async throws(EngineError) -> [Outcome] {
    precondition(!commands.isEmpty, "nothing to decide")
    return try await withCheckedContinuation { continuation in
      post(.commands(commands, note: note) { continuation.resume(returning: $0) }, deadline)
    }.get()
  }

  /// Notes `record` in the audit log if the reservation with this number exists. Nobody waits for it.
  package func note(_ record: AuditRecord, ifThereIs number: UInt64) {
    post(
      .lookUp(number) { [audit] result in
        if case .success(.some) = result { audit.note(record, from: .denials) }
      }, nil)
  }

  /// The pools `keys` as they stand together now.
  package func read(
    _ keys: [PoolKey], until deadline: ContinuousClock.Instant? = nil
  ) async throws(EngineError) -> Reading {
    try await read(ReadQuery(pools: keys), until: deadline)
  }

  /// What `query` asks for, as it stands together now.
  package func read(
    _ query: ReadQuery, until deadline: ContinuousClock.Instant? = nil
  ) async throws(EngineError) -> Reading {
    try await withCheckedContinuation { continuation in
      read(query, until: deadline) { continuation.resume(returning: $0) }
    }.get()
  }

  /// The same for those who do not wait: `answer` is called once, on any thread, and must not keep it.
  package func read(
    _ query: ReadQuery, until deadline: ContinuousClock.Instant? = nil,
    _ answer: @escaping @Sendable (Result<Reading, EngineError>) -> Void
  ) {
    post(.read(query, answer), deadline)
  }

  /// The reservation with this number, as it stands now; nil: there is none.
  package func reservation(
    _ number: UInt64, until deadline: ContinuousClock.Instant? = nil
  ) async throws(EngineError) -> Reservation? {
    try await withCheckedContinuation { continuation in
      post(.lookUp(number) { continuation.resume(returning: $0) }, deadline)
    }.get()
  }

  /// The part of a list of reservations that `query` asks for, as they stand now.
  package func reservations(
    _ query: ReservationQuery, until deadline: ContinuousClock.Instant? = nil
  ) async throws(EngineError) -> ReservationPage {
    try await withCheckedContinuation { continuation in
      post(.list(query) { continuation.resume(returning: $0) }, deadline)
    }.get()
  }

  /// Ends every subscription: what streams changes is to end before calls are waited for.
  package func endSubscriptions() {
    hub.close()
    events.close()
    audit.close()
  }

  /// Takes no more work, finishes what waits, and closes the store.
  package func stop() async {
    endSubscriptions()
    // The log is the store's: it ends before that is closed.
    events.stop()
    for await _ in logEnded {}
    mailbox.stop()
    for await _ in ended {}
  }

  private func post(_ work: Work, _ deadline: ContinuousClock.Instant?) {
    if let error = mailbox.post(work, deadline: Self.moment(deadline)) { work.fail(error) }
  }

  private static func moment(_ deadline: ContinuousClock.Instant?) -> Int64 {
    deadline.map(MonotonicClock.microseconds) ?? WaitingWork.never
  }
}
