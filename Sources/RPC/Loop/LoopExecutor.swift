internal import NIOCore
internal import Synchronization

/// Runs handlers on one event loop, so that a call which does not wait never leaves its thread.
///
/// Work from other threads gathers in one mailbox: the first piece wakes the loop, the rest rides along. Work from the
/// loop itself runs at the end of the turn, and then each connection that has something to say writes once.
final class LoopExecutor: TaskExecutor {
  enum Work {
    case job(UnownedJob)
    case closure(@Sendable () -> Void)
    /// One that is enough for a turn.
    case bulk(@Sendable () -> Void)
  }

  let eventLoop: any EventLoop
  private let mailbox = Mutex<[Work]>([])
  private let turn: NIOLoopBound<LoopTurn>

  /// Told on the loop when connections are allowed fewer calls than they could have, and when they are not any more.
  let allowanceChanged: @Sendable (_ isLowered: Bool) -> Void

  /// To be called on the loop.
  ///
  /// - Parameter callsMax: calls that a connection may have open where the loop keeps up; servers only.
  init(
    eventLoop: any EventLoop, callsMax: Int = 0,
    allowanceChanged: @escaping @Sendable (_ isLowered: Bool) -> Void = { _ in }
  ) {
    self.eventLoop = eventLoop
    self.allowanceChanged = allowanceChanged
    turn = NIOLoopBound(LoopTurn(callsMax: callsMax), eventLoop: eventLoop)
  }

  /// What belongs to the loop; to be used on the loop only.
  var local: LoopTurn { turn.value }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    guard eventLoop.inEventLoop else { return post(.job(job)) }
    local.jobs.append(job)
    if !local.isRunning { eventLoop.assumeIsolated().execute { self.finishTurn() } }
  }

  /// Runs `work` on the loop, soon.
  func submit(_ work: @escaping @Sendable () -> Void) {
    post(.closure(work))
  }

  /// Runs `work` on the loop, soon, as the last of its turn.
  func submitBulk(_ work: @escaping @Sendable () -> Void) {
    post(.bulk(work))
  }

  /// Begins a turn: until ``finishTurn()`` jobs and flushes gather.
  func beginTurn() {
    local.isRunning = true
  }

  /// Runs all jobs that are ready, then lets each dirty connection write once.
  func finishTurn() {
    let local = local
    guard !local.isFinishing else { return }
    (local.isRunning, local.isFinishing) = (true, true)
    var rounds = 0
    repeat {
      runJobs(local)
      local.flushDirty()
      rounds += 1
    } while !local.jobs.isEmpty && rounds < Self.roundsMax
    (local.isRunning, local.isFinishing) = (false, false)
    if !local.jobs.isEmpty { finishLater() }
  }

  // NIO runs what `execute` adds before it looks at its sockets again, so only a timer lets them in.
  private static let pause = TimeAmount.microseconds(100)

  private func finishLater() {
    guard !local.isFinishScheduled else { return }
    local.isFinishScheduled = true
    eventLoop.assumeIsolated().scheduleTask(in: Self.pause) {
      self.local.isFinishScheduled = false
      self.finishTurn()
    }
  }

  /// A handler that only yields must not keep the loop from its sockets.
  private static let roundsMax = 8

  /// Does `body` in the turn that runs, or in one of its own.
  func inTurn(_ body: () -> Void) {
    guard !local.isRunning else { return body() }
    beginTurn()
    body()
    finishTurn()
  }

  private func post(_ work: Work) {
    let wasEmpty = mailbox.withLock { waiting in
      waiting.append(work)
      return waiting.count == 1
    }
    if wasEmpty { eventLoop.execute { self.emptyMailbox() } }
  }

  private func emptyMailbox() {
    local.inbox += mailbox.withLock { waiting in
      let all = waiting
      waiting = []
      return all
    }
    // What waits for the timer goes first.
    if !local.isInboxScheduled { workThroughInbox() }
  }

  /// Many readers may be told something at once; sockets are looked at, and what was said is written, in between.
  private func workThroughInbox() {
    let local = local
    beginTurn()
    var count = 0
    var isFull = false
    while !isFull, count < min(local.inbox.count, Self.inboxBatch) {
      switch local.inbox[count] {
      case .job(let job): unsafe job.runSynchronously(on: asUnownedTaskExecutor())
      case .closure(let closure): closure()
      case .bulk(let closure):
        closure()
        isFull = true
      }
      count += 1
    }
    local.inbox.removeFirst(count)
    finishTurn()
    guard !local.inbox.isEmpty else { return }
    local.isInboxScheduled = true
    eventLoop.assumeIsolated().scheduleTask(in: Self.pause) {
      self.local.isInboxScheduled = false
      self.workThroughInbox()
    }
  }

  /// Pieces of work from other threads in one turn: as many as a batch of the lane has answers. Were it fewer, new calls would be let
  /// in faster than those before them are answered.
  private static let inboxBatch = 2_048

  private func runJobs(_ local: LoopTurn) {
    guard !local.jobs.isEmpty else { return }
    var ready = local.spareJobs
    swap(&ready, &local.jobs)
    for job in ready { unsafe job.runSynchronously(on: asUnownedTaskExecutor()) }
    ready.removeAll(keepingCapacity: true)
    local.spareJobs = ready
  }
}
