internal import Capacity
internal import CapacityEngine
internal import CupoSchema
internal import RPC
internal import Synchronization

/// Where the readers of one watch meet what its pump has found out: the image, and whoever waits for it to change.
///
/// A reader asks for the next message by what it knows. Readers that know the same are given the same object, encoded once.
/// Nobody is waited for: a reader that does not ask takes no part.
final class WatchBoard: Sendable {
  /// Bytes of messages at most that are kept for the next reader that knows the same.
  fileprivate static let keptBytesMax = 4 << 20
  /// Versions at most that a token of this watch is looked up in; what is older is found by the log.
  static let marksMax = 1_024
  /// Readers that are told something before their loop looks at its sockets again.
  private static let toldAtOnce = 64

  /// Where a version stood: who has been told the log up to `position`, and time up to `asOf`, knows it.
  fileprivate struct Mark {
    var version: UInt64
    var position: UInt64
    var asOf: Instant
    /// Of the plan; see ``WatchPlan/fingerprint``.
    var names: UInt64
  }

  /// What a reader begins with, all of one moment.
  struct Standing: Sendable {
    var plan: WatchPlan
    var goal: WatchPosition.Goal
    /// Everything that time alone changes up to here is in it.
    var asOf: Instant
    /// Whether ends of holds are in it that the log does not tell of.
    var isAhead: Bool
  }

  /// Whoever waits for news.
  fileprivate struct Waiter: Sendable {
    /// What its task is woken with.
    struct Wake: Sendable {
      var reader: WatchReader
      /// A message that the reader has moved on by, and that is still to be sent.
      var unsent: SharedMessage?
    }

    /// Nil: one that arrives, and waits for a look of its own to begin with.
    var reader: WatchReader?
    let ticket: WaitTicket
    let continuation: CheckedContinuation<Wake?, Never>

    func wake(unsent: SharedMessage? = nil) {
      continuation.resume(returning: reader.map { Wake(reader: $0, unsent: unsent) })
    }
  }

  fileprivate struct State {
    var image = WatchImage()
    var plan: WatchPlan?
    var marks: [Mark] = []
    var asOf = Instant.distantPast
    var isAhead = false
    // Counts the progress marks.
    var ticks: UInt64 = 0
    var progress: SharedMessage?
    var end: Refusal?
    var kept: [WatchPosition: (SharedMessage, WatchPosition)] = [:]
    var keptBytes = 0
    var waiters: [UInt64: Waiter] = [:]
    // Of those, readers that wait for a look of their own to begin with.
    var arrivals: Set<UInt64> = []
    var nextWaiter: UInt64 = 0
    var lastTold = 0
    var looksBegun: UInt64 = 0
    var looksShown: UInt64 = 0
    var subscription: ChangeSubscription?

    mutating func takeWaiters() -> [UInt64: Waiter] {
      defer { waiters.removeAll() }
      arrivals.removeAll()
      return waiters
    }

    func standing(_ plan: WatchPlan) -> Standing {
      Standing(plan: plan, goal: image.goal, asOf: asOf, isAhead: isAhead)
    }

    mutating func takeArrivals() -> [UInt64: Waiter] {
      defer { arrivals.removeAll() }
      var taken: [UInt64: Waiter] = [:]
      for id in arrivals { taken[id] = waiters.removeValue(forKey: id) }
      return taken
    }
  }

  let filter: WatchFilter
  private let store: UInt64
  private let state = Mutex(State())

  /// - Parameter store: see ``ResumeToken/store``.
  init(_ filter: WatchFilter, store: UInt64) {
    self.filter = filter
    self.store = store
  }

  // MARK: The pump's side

  /// Takes the subscription by which arriving readers wake the pump.
  func attach(_ subscription: ChangeSubscription) {
    state.withLock { $0.subscription = subscription }
  }

  /// The pump is about to look: what has happened up to now will be in what it shows next.
  func beginLook() {
    state.withLock { $0.looksBegun += 1 }
  }

  /// What one look at the pools came to.
  struct Look {
    /// The log is in it up to here.
    var position: UInt64
    /// What time alone changes is in it up to here.
    var asOf: Instant
    /// What its messages are true for.
    var toldAsOf: Instant
    /// Whether holds have ended in it that the log does not tell of; nil: nothing was read.
    var isAhead: Bool?
  }

  /// Shows all slots anew, by a new plan.
  func show(_ plan: WatchPlan, _ entries: [WatchImage.Entry], _ look: Look) -> Bool {
    publish(look) { state in
      state.plan = plan
      return state.image.replace(entries)
    }
  }

  /// Shows what became of single slots.
  func show(_ updates: [(index: Int, bytes: [UInt8])], _ look: Look) -> Bool {
    publish(look) { $0.image.update(updates) }
  }

  /// Tells everybody that nothing has happened.
  func tick() {
    let waiters = state.withLock { state in
      state.ticks += 1
      state.progress = SharedMessage(
        WatchMessage.message(.progress, token: state.image.token, asOf: state.image.asOf))
      return state.takeWaiters()
    }
    tell(waiters)
  }

  /// Ends the watch for all readers.
  func end(_ refusal: Refusal) {
    let waiters = state.withLock { state in
      if state.end == nil { state.end = refusal }
      return state.takeWaiters()
    }
    tell(waiters)
  }

  /// Readers that have been told everything.
  var waitingCount: Int { state.withLock { $0.waiters.count - $0.arrivals.count } }
  /// Readers that the last news woke.
  var lastTold: Int { state.withLock { $0.lastTold } }
  var hasEnded: Bool { state.withLock { $0.end != nil } }

  // Answers whether readers have to be told something, and wakes those that wait for it.
  private func publish(_ look: Look, _ change: (inout State) -> Bool) -> Bool {
    let (isNews, waiters) = state.withLock { state in
      let isNews = change(&state)
      state.looksShown = state.looksBegun
      state.asOf = look.asOf
      state.isAhead = look.isAhead ?? state.isAhead
      state.image.asOf = look.toldAsOf
      state.image.token = ResumeToken(
        position: look.position, asOf: look.asOf, store: store,
        names: state.plan?.fingerprint ?? 0
      ).bytes(for: filter)
      state.kept.removeAll(keepingCapacity: true)
      state.keptBytes = 0
      guard isNews else { return (false, state.takeArrivals()) }
      if state.marks.count == Self.marksMax { state.marks.removeFirst(Self.marksMax / 2) }
      state.marks.append(
        Mark(
          version: state.image.version, position: look.position, asOf: look.asOf,
          names: state.plan?.fingerprint ?? 0))
      let waiters = state.takeWaiters()
      state.lastTold = waiters.count
      return (true, waiters)
    }
    tell(waiters)
    return isNews
  }

  // MARK: The readers' side

  /// What there is to begin with: whatever was acknowledged before this call is in it.
  /// - Returns: nil when the task is cancelled.
  func standing() async throws(Refusal) -> Standing? {
    let (needed, subscription) = state.withLock { ($0.looksBegun + 1, $0.subscription) }
    subscription?.nudge()
    while !Task.isCancelled {
      let result: Result<Standing?, Refusal> = state.withLock { state in
        if let end = state.end { return .failure(end) }
        guard state.looksShown >= needed, let plan = state.plan else { return .success(nil) }
        return .success(state.standing(plan))
      }
      if let standing = try result.get() { return standing }
      _ = await wait { $0.looksShown < needed && $0.end == nil }
    }
    return nil
  }

  /// What there is now, for whoever knows that the pump has just looked.
  var present: Standing? {
    state.withLock { state in
      state.plan.map { state.standing($0) }
    }
  }

  /// The newest version that is known to whoever has `token`; nil where that cannot be said. A token of a later instant than this
  /// board has seen is another process's, or from before the clock was set back.
  func version(at token: ResumeToken) -> UInt64? {
    state.withLock { state in
      guard token.asOf <= state.asOf,
        let mark = state.marks.last(where: {
          $0.position <= token.position && $0.asOf <= token.asOf
        }),
        mark.names == token.names
      else { return nil }
      return mark.version
    }
  }

  /// The next message for a reader, which moves on by it; waits until there is one that the board cannot send by itself.
  ///
  /// - Returns: nil when the task is cancelled.
  func next(_ reader: inout WatchReader) async throws(Refusal) -> SharedMessage? {
    while !Task.isCancelled {
      if let message = try message(&reader.position, &reader.heard) { return message }
      let wake = await wait(reader) { [reader] in $0.isIdle(reader) }
      guard let wake else { continue }
      reader = wake.reader
      if let message = wake.unsent { return message }
    }
    return nil
  }

  /// What ``next(_:_:)`` finds without waiting.
  func message(
    _ position: inout WatchPosition, _ heard: inout UInt64
  ) throws(Refusal) -> SharedMessage? {
    let result: Result<SharedMessage?, Refusal> = state.withLock { state in
      if let end = state.end { return .failure(end) }
      if !position.isOfItsOwn, let (message, next) = state.kept[position] {
        position = next
        heard = state.ticks
        return .success(message)
      }
      let before = position
      switch state.image.step(&position) {
      case .message(let bytes):
        let message = SharedMessage(bytes)
        state.keep(message, for: before, position)
        heard = state.ticks
        return .success(message)
      case .compacted: return .failure(Refusal(.resumeTokenCompacted))
      case .upToDate:
        guard heard != state.ticks else { return .success(nil) }
        heard = state.ticks
        position.progressed(to: state.image.token)
        return .success(state.progress)
      }
    }
    return try result.get()
  }

  // MARK: Waiting

  // Waits until there is something to do for the task itself.
  // - Returns: how far the reader has come meanwhile; nil: nowhere.
  private func wait(
    _ reader: WatchReader? = nil, while isIdle: @escaping @Sendable (borrowing State) -> Bool
  ) async -> Waiter.Wake? {
    let id = state.withLock { state in
      state.nextWaiter += 1
      return state.nextWaiter
    }
    let ticket = WaitTicket()
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isWaiting = state.withLock { state in
          guard isIdle(state), !ticket.isCancelled else { return false }
          state.waiters[id] = Waiter(reader: reader, ticket: ticket, continuation: continuation)
          if reader == nil { state.arrivals.insert(id) }
          return true
        }
        if !isWaiting { continuation.resume(returning: nil) }
      }
    } onCancel: {
      // The mark counts where the reader is being told something just now.
      ticket.cancel()
      state.withLock { state in
        state.arrivals.remove(id)
        return state.waiters.removeValue(forKey: id)
      }?.wake()
    }
  }

  // Those that can be told where their calls live are; the others' tasks are woken.
  private func tell(_ waiters: [UInt64: Waiter]) {
    var lines: [CallLoop: [(UInt64, Waiter)]] = [:]
    for (id, waiter) in waiters {
      if let line = waiter.reader?.line {
        lines[line.loop, default: []].append((id, waiter))
      } else {
        waiter.wake()
      }
    }
    for (loop, waiters) in lines {
      for start in stride(from: 0, to: waiters.count, by: Self.toldAtOnce) {
        let part = waiters[start..<min(start + Self.toldAtOnce, waiters.count)]
        loop.run { for (id, waiter) in part { self.tell(waiter, id) } }
      }
    }
  }

  // On the loop of its call: sends what there is, and lets it wait on. Its task is woken for what has to be waited for.
  private func tell(_ told: Waiter, _ id: UInt64) {
    var waiter = told
    guard var reader = waiter.reader, let line = reader.line else { return waiter.wake() }
    while true {
      do throws(Refusal) {
        while let message = try message(&reader.position, &reader.heard) {
          waiter.reader = reader
          guard line.send(message) else { return waiter.wake(unsent: message) }
        }
      } catch {
        // The task finds the same.
        return waiter.wake()
      }
      let isWaiting = state.withLock { [waiter] state in
        guard state.isIdle(reader), !waiter.ticket.isCancelled else { return false }
        state.waiters[id] = waiter
        return true
      }
      if isWaiting { return }
      if waiter.ticket.isCancelled { return waiter.wake() }
    }
  }
}

extension WatchBoard.State {
  /// Whether `reader` has been told everything.
  fileprivate borrowing func isIdle(_ reader: WatchReader) -> Bool {
    image.version == reader.position.known && ticks == reader.heard && end == nil
  }

  fileprivate mutating func keep(
    _ message: SharedMessage, for before: WatchPosition, _ after: WatchPosition
  ) {
    guard !before.isOfItsOwn else { return }
    if keptBytes + message.bytes.count > WatchBoard.keptBytesMax {
      kept.removeAll(keepingCapacity: true)
      keptBytes = 0
    }
    kept[before] = (message, after)
    keptBytes += message.bytes.count
  }
}
