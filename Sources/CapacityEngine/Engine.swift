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
  private let ended: AsyncStream<Void>
  /// Spells ids and codes of reservations.
  package let naming: ReservationNaming

  private init(
    mailbox: Mailbox, hub: ChangeHub, naming: ReservationNaming, ended: AsyncStream<Void>
  ) {
    self.mailbox = mailbox
    self.hub = hub
    self.naming = naming
    self.ended = ended
  }

  /// Opens the store and starts to decide.
  ///
  /// - Parameters:
  ///   - clock: the wall clock; the engine itself sees that decisions never go back.
  ///   - zone: finds a time zone by its IANA name.
  ///   - storageChanged: called on the lane's thread when the store begins to fail, and when it works again.
  ///   - open: opens the store; called once, on the lane's thread, which owns it from then on.
  package static func start(
    logger: Logger, waitingMax: Int = Engine.waitingMax,
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
          start.fill(hub, ReservationNaming(key: try storage.identity().namingKey))
          return Lane(
            storage: storage, set: set, changes: hub, logger: logger, clock: clock, zone: zone,
            storageChanged: storageChanged)
        },
        opened: { continuation.resume(returning: $0) },
        ended: { end.finish() })
    }
    try result.get()
    let (hub, naming) = start.value()
    return Engine(mailbox: mailbox, hub: hub, naming: naming, ended: ended)
  }

  /// The durable catalogue.
  package var catalogue: Catalogue { hub.catalogue }

  /// Has `command` decided; answers when the outcome is durable.
  package func execute(_ command: Command) async throws(EngineError) -> Outcome {
    try await withCheckedContinuation { continuation in
      post(.command(command) { continuation.resume(returning: $0) })
    }.get()
  }

  /// The pools `keys` as they stand together now.
  package func read(_ keys: [PoolKey]) async throws(EngineError) -> Reading {
    try await withCheckedContinuation { continuation in
      post(.read(keys) { continuation.resume(returning: $0) })
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

  /// What follows `sequence` in the log; nil where some of it has been taken away already.
  func eventPage(after sequence: UInt64) async throws(EngineError) -> [Event]? {
    try await withCheckedContinuation { continuation in
      post(.log(sequence) { continuation.resume(returning: $0) })
    }.get()
  }

  /// Ends every subscription: what streams changes is to end before calls are waited for.
  package func endSubscriptions() {
    hub.close()
  }

  /// Takes no more work, finishes what waits, and closes the store.
  package func stop() async {
    hub.close()
    mailbox.stop()
    for await _ in ended {}
  }

  private func post(_ work: Work) {
    if let error = mailbox.post(work) { work.fail(error) }
  }
}
