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
  static let marksMax = 4_096
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
    var queue = WatchQueue()
    var nextWaiter: UInt64 = 0
    // Readers that were handed to their loops and have not come back.
    var underWay = 0
    var looksBegun: UInt64 = 0
    var looksShown: UInt64 = 0
    var subscription: ChangeSubscription?

    func standing(_ plan: WatchPlan) -> Standing {
      Standing(plan: plan, goal: image.goal, asOf: asOf, isAhead: isAhead)
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
      return state.queue.takeAll()
    }
    tell(waiters)
  }

  /// Ends the watch for all readers.
  func end(_ refusal: Refusal) {
    let waiters = state.withLock { state in
      if state.end == nil { state.end = refusal }
      return state.queue.takeAll()
    }
    tell(waiters)
  }

  /// Those who are told on their loops, by how far the last news has come.
  struct Audience {
    var told: Int
    var untold: Int
    var count: Int { told + untold }
  }

  var audience: Audience {
    state.withLock { Audience(told: $0.queue.readersCount, untold: $0.underWay) }
  }

  var hasEnded: Bool { state.withLock { $0.end != nil } }

  // Answers whether readers have to be told something, and wakes those that wait for it.
  private func publish(_ look: Look, _ change: (inout State) -> Bool) -> Bool {
    let (isNews, waiters) = state.withLock { state in
      let isNews = change(&state)
      state.looksShown = state.looksBegun
      state.asOf = max(state.asOf, look.asOf)
      state.isAhead = look.isAhead ?? state.isAhead
      state.image.asOf = look.toldAsOf
      state.image.token = ResumeToken(
        position: look.position, asOf: state.asOf, store: store,
        names: state.plan?.fingerprint ?? 0
      ).bytes(for: filter)
      state.kept.removeAll(keepingCapacity: true)
      state.keptBytes = 0
      guard isNews else { return (false, state.queue.takeArrivals()) }
      if state.marks.count == Self.marksMax { state.marks.removeFirst(Self.marksMax / 2) }
      state.marks.append(
        Mark(
          version: state.image.version, position: look.position, asOf: state.asOf,
          names: state.plan?.fingerprint ?? 0))
      return (true, state.queue.takeAll())
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
    try state.withLock { $0.message(&position, &heard) }.get()
  }

  // MARK: Waiting

  // Waits until there is something to do for the task itself.
  // - Returns: how far the reader has come meanwhile; nil: nowhere.
  private func wait(
    _ reader: WatchReader? = nil, while isIdle: @escaping @Sendable (borrowing State) -> Bool
  ) async -> WatchWaiter.Wake? {
    let id = state.withLock { state in
      state.nextWaiter += 1
      return state.nextWaiter
    }
    let ticket = WaitTicket()
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isWaiting = state.withLock { state in
          guard isIdle(state), !ticket.isCancelled else { return false }
          state.queue.add(WatchWaiter(id, reader, ticket, continuation))
          return true
        }
        if !isWaiting { continuation.resume(returning: nil) }
      }
    } onCancel: {
      // The mark counts where the reader is being told something just now.
      ticket.cancel()
      state.withLock { $0.queue.remove(id) }?.wake()
    }
  }

  // Those that can be told where their calls live are, who waited longest first; the others' tasks are woken.
  private func tell(_ waiters: [WatchWaiter]) {
    var lines: [CallLoop: [WatchWaiter]] = [:]
    for waiter in waiters {
      if let line = waiter.line {
        lines[line.loop, default: []].append(waiter)
      } else {
        waiter.wake()
      }
    }
    state.withLock { $0.underWay += lines.values.reduce(0) { $0 + $1.count } }
    for (loop, waiters) in lines {
      for start in stride(from: 0, to: waiters.count, by: Self.toldAtOnce) {
        let part = waiters[start..<min(start + Self.toldAtOnce, waiters.count)]
        loop.run { for waiter in part { self.tell(waiter) } }
      }
    }
  }

  fileprivate enum Next {
    case send(SharedMessage)
    case wait
    case wake
  }

  // On the loop of its call: sends what there is, and lets it wait on. Its task is woken for what has to be waited for.
  private func tell(_ waiter: WatchWaiter) {
    guard let line = waiter.line, var reader = waiter.take() else { return waiter.wake() }
    while true {
      switch state.withLock({ $0.next(waiter, &reader) }) {
      case .send(let message):
        guard !line.send(message) else { continue }
        state.withLock { $0.underWay -= 1 }
        return waiter.wake(reader, unsent: message)
      case .wait: return
      // An end, too: the task finds the same.
      case .wake: return waiter.wake(reader)
      }
    }
  }
}

extension WatchBoard.State {
  // What to do for a reader that is told on its loop: the next message, or back to where it waits.
  fileprivate mutating func next(
    _ waiter: WatchWaiter, _ reader: inout WatchReader
  ) -> WatchBoard.Next {
    switch message(&reader.position, &reader.heard) {
    case .success(let message?): return .send(message)
    case .success(nil) where !waiter.ticket.isCancelled:
      underWay -= 1
      waiter.put(reader)
      queue.add(waiter)
      return .wait
    case .success(nil), .failure:
      underWay -= 1
      return .wake
    }
  }

  fileprivate mutating func message(
    _ position: inout WatchPosition, _ heard: inout UInt64
  ) -> Result<SharedMessage?, Refusal> {
    if let end { return .failure(end) }
    if !position.isOfItsOwn, let (message, next) = kept[position] {
      position = next
      heard = ticks
      return .success(message)
    }
    let before = position
    switch image.step(&position) {
    case .message(let bytes):
      let message = SharedMessage(bytes)
      keep(message, for: before, position)
      heard = ticks
      return .success(message)
    case .compacted: return .failure(Refusal(.resumeTokenCompacted))
    case .upToDate:
      guard heard != ticks else { return .success(nil) }
      heard = ticks
      position.progressed(to: image.token)
      return .success(progress)
    }
  }

  /// Whether `reader` has been told everything.
  fileprivate borrowing func isIdle(_ reader: WatchReader) -> Bool {
    image.version == reader.position.known && ticks == reader.heard && end == nil
  }

  fileprivate mutating func keep(
    _ message: SharedMessage, for before: WatchPosition, _ after: WatchPosition
  ) {
    guard !before.isOfItsOwn else { return }
    if keptBytes + message.count > WatchBoard.keptBytesMax {
      kept.removeAll(keepingCapacity: true)
      keptBytes = 0
    }
    kept[before] = (message, after)
    keptBytes += message.count
  }
}
