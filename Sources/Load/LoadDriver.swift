internal import NIOCore

/// Says when which call goes, and counts what came of it. It never leaves its loop.
final class LoadDriver {
  /// A call on its way.
  struct Open {
    var tag: LoadCall.Tag
    /// When it was meant to be sent.
    var intended: UInt64
  }

  var connections: [LoadConnection] = []
  private let source: any CallSource
  private let plan: LoadPlan
  private let promise: EventLoopPromise<LoadResult>
  private let deadline: UInt64?
  private var result = LoadResult()
  private var pace: Pace?
  /// The time that counts.
  private var window: Range<UInt64> = 0..<0
  private var openCalls = 0
  private var turn = 0
  // Connections hear of the server before all of them are there.
  private var isStarted = false
  private var isOver = false
  private var cpuBefore = 0.0
  private var isSourceDry = false
  // An open loop looks so often whether a call is due.
  private static let tickMicroseconds: Int64 = 100

  init(_ plan: LoadPlan, _ promise: EventLoopPromise<LoadResult>) {
    self.plan = plan
    self.promise = promise
    deadline = plan.deadline.map { UInt64($0.wholeNanoseconds) }
    source = plan.makeSource()
  }

  static func now() -> UInt64 { NIODeadline.now().uptimeNanoseconds }

  var readsAnswers: Bool { source.readsAnswers }

  func start() {
    let loop = promise.futureResult.eventLoop.assumeIsolated()
    let now = Self.now()
    let begin = now + UInt64(plan.warmUp.wholeNanoseconds)
    window = begin..<begin + UInt64(plan.duration.wholeNanoseconds)
    pace = plan.ratePerSecond.map { Pace(from: now, until: window.upperBound, perSecond: $0) }
    loop.scheduleTask(deadline: .uptimeNanoseconds(begin)) {
      self.cpuBefore = ProcessTime.seconds()
    }
    loop.scheduleTask(deadline: .uptimeNanoseconds(window.upperBound)) { self.endWindow(loop) }
    isStarted = true
    for connection in connections { connection.fill() }
    settle(now)
    if pace != nil { tick(loop) }
  }

  /// The next call and when it was meant to be sent; nil: none now.
  func next(_ now: UInt64) -> (call: LoadCall, intended: UInt64)? {
    guard isStarted, !isOver, !isSourceDry else { return nil }
    let intended: UInt64
    if pace != nil {
      guard let due = pace?.next(now) else { return nil }
      intended = due
    } else {
      guard now < window.upperBound else { return nil }
      intended = now
    }
    guard let call = source.next() else {
      isSourceDry = true
      return nil
    }
    openCalls += 1
    return (call, intended)
  }

  func answered(_ open: Open, status: Int?, body: Span<UInt8>, at now: UInt64) {
    openCalls -= 1
    let tally = source.answered(open.tag, isOK: status == 0, body: body)
    // An answer may be what the next call is about.
    isSourceDry = false
    count(tally, since: open.intended, now, status)
  }

  private func count(
    _ tally: LoadTally, since intended: UInt64, _ now: UInt64, _ status: Int? = nil
  ) {
    result.successesInAll += tally.requests - tally.errors
    guard window.contains(intended) else { return }
    let nanoseconds = now > intended ? now - intended : 0
    if plan.deadline == nil || status == 0 { result.latencies.record(nanoseconds) }
    switch status {
    case 0: if let deadline, nanoseconds <= deadline { result.inTime += 1 }
    case 4: result.late += 1
    case 14: result.refused += 1
    default: break
    }
    result.calls += 1
    result.requests += tally.requests
    result.errors += tally.errors
  }

  func noteError(_ text: @autoclosure () -> String) {
    if result.firstError == nil { result.firstError = text() }
  }

  /// Ends the run once nothing is open and nothing more is to come.
  func settle(_ now: UInt64) {
    guard isStarted, !isOver, openCalls == 0 else { return }
    let isDone = pace.map(\.isDone) ?? (now >= window.upperBound)
    guard isDone || isSourceDry else { return }
    if isSourceDry, now < window.upperBound {
      window = window.lowerBound..<max(now, window.lowerBound + 1)
      noteCPU()
    }
    end()
  }

  func fail(_ text: String) {
    guard !isOver else { return }
    isOver = true
    promise.fail(LoadFailure(text))
    for connection in connections { connection.close() }
  }

  // MARK: Time

  // Whichever connection has room takes the next call, one after another.
  private func tick(_ loop: NIOIsolatedEventLoop) {
    guard !isOver, let pace, !pace.isDone else { return }
    let now = Self.now()
    var skipped = 0
    while skipped < connections.count, self.pace?.isDue(now) == true {
      turn = (turn + 1) % connections.count
      skipped = connections[turn].startOne(now) ? 0 : skipped + 1
    }
    if deadline != nil { loseUnsent(now) }
    for connection in connections { connection.flushIfNeeded() }
    loop.scheduleTask(in: .microseconds(Self.tickMicroseconds)) { self.tick(loop) }
  }

  private func loseUnsent(_ now: UInt64) {
    while let intended = pace?.next(now) {
      if window.contains(intended) { result.unsent += 1 }
      count(LoadTally(errors: 1), since: intended, now)
    }
  }

  private func endWindow(_ loop: NIOIsolatedEventLoop) {
    guard !isOver else { return }
    noteCPU()
    settle(Self.now())
    loop.scheduleTask(in: .nanoseconds(LoadPlan.patience.wholeNanoseconds)) { self.giveUp() }
  }

  private func noteCPU() {
    // The last answer can come before the timer does.
    guard result.generatorSeconds == 0 else { return }
    result.generatorSeconds = ProcessTime.seconds() - cpuBefore
  }

  // What has had no answer by now, and what there was never room to send, took at least so long.
  private func giveUp() {
    guard !isOver else { return }
    let now = Self.now()
    noteError("no answer within \(LoadPlan.patience)")
    for connection in connections {
      for open in connection.open { count(LoadTally(errors: 1), since: open.intended, now) }
    }
    while let intended = pace?.next(now) { count(LoadTally(errors: 1), since: intended, now) }
    end()
  }

  private func end() {
    noteCPU()
    isOver = true
    result.seconds = Double(window.upperBound - window.lowerBound) / 1e9
    promise.succeed(result)
    for connection in connections { connection.close() }
  }
}

extension Duration {
  var wholeNanoseconds: Int64 {
    components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000
  }
}
