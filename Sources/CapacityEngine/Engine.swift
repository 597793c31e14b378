package import Capacity
package import Logging

/// The engine: takes single requests, lets a lane decide them in batches, and publishes what became durable.
///
/// It knows no wire and no rules: those are CapacityAPI's and Capacity's. Every answer to a write is sent only after the
/// store has the write.
package final class Engine: Sendable {
  /// How much may wait for the lane before callers are told OVERLOADED.
  package static let waitingMax = 65_536

  private let mailbox: Mailbox
  let hub: ChangeHub
  /// The log, for those who follow it.
  package let events: EventFeed
  private let ended: AsyncStream<Void>
  private let logEnded: AsyncStream<Void>
  /// Spells ids and codes of reservations.
  package let naming: ReservationNaming
  private let clock: StoreClock

  init(
    mailbox: Mailbox, _ started: StartedLane.Content, ended: AsyncStream<Void>,
    logEnded: AsyncStream<Void>
  ) {
    self.mailbox = mailbox
    hub = started.hub
    events = started.events
    naming = started.naming
    self.clock = started.clock
    self.ended = ended
    self.logEnded = logEnded
  }

  /// Opens the store and starts to decide.
  ///
  /// - Parameters:
  ///   - clock: the wall clock; the engine itself sees that decisions never go back.
  ///   - zone: finds a time zone by its IANA name.
  ///   - retention: how much of the log is kept.
  ///   - storageChanged: called on the lane's thread when the store begins to fail, and when it works again.
  ///   - open: opens the store; called once, on the lane's thread, which owns it from then on.
  package static func start(
    logger: Logger, waitingMax: Int = Engine.waitingMax,
    retention: EventRetention = EventRetention(),
    clock: @escaping @Sendable () -> Instant, zone: @escaping @Sendable (String) -> Zone?,
    storageChanged: @escaping @Sendable (_ isDown: Bool) -> Void = { _ in },
    open: @escaping @Sendable () throws(StorageError) -> any Storage
  ) async throws(StorageError) -> Engine {
    let mailbox = Mailbox(waitingMax: waitingMax)
    let (ended, end) = AsyncStream<Void>.makeStream()
    let start = StartedLane()
    let result: Result<Void, StorageError> = await withCheckedContinuation { continuation in
      LaneThread.start(
        mailbox, clock: clock,
        open: { () throws(StorageError) -> Lane in
          let storage = try open()
          let set = try WarmUp.workingSet(of: storage, zone: zone)
          let hub = ChangeHub(position: set.lane.nextSequence - 1, catalogue: set.catalogue)
          let naming = ReservationNaming(key: try storage.identity().namingKey)
          let lane = Lane(
            storage: storage, set: set, changes: hub, logger: logger, clock: clock, zone: zone,
            storageChanged: storageChanged)
          let told = lane.shared.told
          storage.onNews { position in
            told.note(position)
            if position > hub.position { mailbox.nudge() }
          }
          start.fill(
            .init(
              hub: hub, events: lane.events, naming: naming, clock: lane.storeClock,
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
      started.events, open: started.openLog, retention: retention, clock: clock, logger: logger,
      ended: { endLog.finish() })
    return Engine(mailbox: mailbox, started, ended: ended, logEnded: logEnded)
  }

  /// The durable catalogue.
  package var catalogue: Catalogue { hub.catalogue }

  /// The time by the clock that decides: on a store that several nodes share it is the store's.
  package func now() -> Instant { clock.now() }

  /// Has `command` decided; answers when the outcome is durable.
  package func execute(_ command: Command) async throws(EngineError) -> Outcome {
    try await withCheckedContinuation { continuation in
      post(.command(command) { continuation.resume(returning: $0) })
    }.get()
  }

  /// Has `commands`, at least one, decided one after another, with one instant and in one commit; answers when all outcomes
  /// are durable. A failure is one of all of them.
  package func execute(_ commands: [Command]) async throws(EngineError) -> [Outcome] {
    precondition(!commands.isEmpty, "nothing to decide")
    return try await withCheckedContinuation { continuation in
      post(.commands(commands) { continuation.resume(returning: $0) })
    }.get()
  }

  /// The pools `keys` as they stand together now.
  package func read(_ keys: [PoolKey]) async throws(EngineError) -> Reading {
    try await read(ReadQuery(pools: keys))
  }

  /// What `query` asks for, as it stands together now.
  package func read(_ query: ReadQuery) async throws(EngineError) -> Reading {
    try await withCheckedContinuation { continuation in
      post(.read(query) { continuation.resume(returning: $0) })
    }.get()
  }

  /// The reservation with this number, as it stands now; nil: there is none.
  package func reservation(_ number: UInt64) async throws(EngineError) -> Reservation? {
    try await withCheckedContinuation { continuation in
      post(.lookUp(number) { continuation.resume(returning: $0) })
    }.get()
  }

  /// The part of a list of reservations that `query` asks for, as they stand now.
  package func reservations(
    _ query: ReservationQuery
  ) async throws(EngineError) -> ReservationPage {
    try await withCheckedContinuation { continuation in
      post(.list(query) { continuation.resume(returning: $0) })
    }.get()
  }

  /// Ends every subscription: what streams changes is to end before calls are waited for.
  package func endSubscriptions() {
    hub.close()
    events.close()
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

  private func post(_ work: Work) {
    if let error = mailbox.post(work) { work.fail(error) }
  }
}
