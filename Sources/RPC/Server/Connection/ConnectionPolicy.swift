internal import HTTP2

/// Decides how long one connection of a server may go on: keepalive both ways, age, idleness, slow and stalled peers.
///
/// A machine without clock or timer: it is told what happens and when (milliseconds of a monotonic clock), and says what to
/// do and when it wants to be asked again. Before changing it, know that time moves nothing but ``tick(_:)``: what happens on
/// a connection only notes instants, so that a call costs no timer.
struct ConnectionPolicy {
  /// What to do now.
  enum Action: Equatable {
    /// Ask the peer for a sign of life.
    case ping
    /// Take no more calls; close behind the last one.
    case drain
    /// End the calls that still run, and the connection.
    case cancelCalls
    /// Say why, and close.
    case refuse(Refusal)
    /// Close without a word: nobody reads.
    case abort
    /// Look for streams that stand still.
    case sweep
  }

  /// Why a peer is sent away.
  enum Refusal: Equatable {
    case tooManyPings
    case settingsTimeout
    case headersTimeout

    var code: ErrorCode { self == .settingsTimeout ? .settingsTimeout : .enhanceYourCalm }

    /// What the GOAWAY says beside its code.
    var debug: StaticString {
      switch self {
      case .tooManyPings: "too_many_pings"
      case .settingsTimeout: "settings_timeout"
      case .headersTimeout: "headers_timeout"
      }
    }
  }

  /// What a connection is doing, seen from its age.
  private enum Phase: Equatable {
    case open
    /// Drained; the calls end at this instant, or when they like.
    case draining(until: Int64?)
    /// The calls were ended; whoever does not read even that is left.
    case ending(until: Int64)
  }

  /// How long a peer may take to read that its calls were ended, milliseconds.
  static let farewell: Int64 = 5_000

  private let times: PolicyTimes
  private let ageAt: Int64?
  private var phase = Phase.open
  private var heardAt: Int64
  private var pingedAt: Int64?
  private var idleSince: Int64?
  private var settingsBy: Int64?
  private var unfinished: (number: UInt64, since: Int64)?
  private var unwritableSince: Int64?
  private var sweepAt: Int64?
  private var pings: PingStrikes

  /// - Parameter jitter: from -1 to 1, what is made of the tenth by which ages differ.
  init(_ limits: ConnectionLimits, now: Int64, jitter: Double) {
    times = PolicyTimes(limits)
    ageAt = times.age.map { now + $0 + Int64(Double($0) * 0.1 * jitter) }
    (heardAt, idleSince, settingsBy) = (now, now, now + times.settings)
    pings = PingStrikes(limits)
  }

  /// Between two sweeps; a quarter of the shortest stall, so that one is noticed in time.
  var sweepInterval: Int64 { times.sweep }
  /// Sweeps that a request may go without a byte.
  var requestPeriods: UInt32 { times.requestPeriods }
  /// Sweeps that an answer may wait without a byte of it going out.
  var responsePeriods: UInt32 { times.responsePeriods }

  // MARK: Events

  /// Bytes have come; `unfinished` numbers the frame that they left open, if it is one that must not take its time.
  mutating func received(_ now: Int64, unfinished number: UInt64?) {
    heardAt = now
    pingedAt = nil
    guard let number else {
      unfinished = nil
      return
    }
    if unfinished?.number != number { unfinished = (number, now) }
  }

  mutating func receivedSettings() {
    settingsBy = nil
  }

  /// Pings have come. `answers` is how many HEADERS and DATA frames have gone out so far.
  mutating func receivedPings(_ count: Int, openCalls: Int, answers: Int, _ now: Int64) -> Action? {
    for _ in 0..<count {
      if pings.isTooMany(now, hasCalls: openCalls > 0, answers: answers) {
        return .refuse(.tooManyPings)
      }
    }
    return nil
  }

  /// So many streams are open now.
  mutating func counted(openCalls: Int, _ now: @autoclosure () -> Int64) {
    if openCalls == 0 {
      if idleSince == nil { idleSince = now() }
    } else if idleSince != nil {
      idleSince = nil
      if sweepAt == nil { sweepAt = now() + times.sweep }
    }
  }

  /// The socket takes bytes, or none.
  mutating func changed(isWritable: Bool, _ now: Int64) {
    if isWritable {
      unwritableSince = nil
    } else if unwritableSince == nil {
      unwritableSince = now
    }
  }

  /// Someone else drains the connection.
  mutating func drained() {
    if phase == .open { phase = .draining(until: nil) }
  }

  // MARK: Time

  /// When to call ``tick(_:)`` at the latest.
  var due: Int64 {
    var due = Int64.max
    func note(_ at: Int64?) { if let at { due = min(due, at) } }
    note(settingsBy)
    note(unfinished.map { $0.since + times.headers })
    note(unwritableSince.map { $0 + times.response })
    note(sweepAt)
    note(pingedAt.map { $0 + times.pong } ?? times.keepalive.map { heardAt + $0 })
    switch phase {
    case .open:
      note(ageAt)
      note(times.idle.flatMap { idle in idleSince.map { $0 + idle } })
    case .draining(let until): note(until)
    case .ending(let until): note(until)
    }
    return due
  }

  /// What is due at `now`.
  mutating func tick(_ now: Int64) -> [Action] {
    if let end = end(now) { return [end] }
    var actions: [Action] = []
    if let sweepAt, now >= sweepAt {
      self.sweepAt = idleSince == nil ? now + times.sweep : nil
      actions.append(.sweep)
    }
    if pingedAt == nil, let keepalive = times.keepalive, now >= heardAt + keepalive {
      pingedAt = now
      actions.append(.ping)
    }
    if let action = age(now) { actions.append(action) }
    return actions
  }

  private func end(_ now: Int64) -> Action? {
    if let settingsBy, now >= settingsBy { return .refuse(.settingsTimeout) }
    if let unfinished, now >= unfinished.since + times.headers { return .refuse(.headersTimeout) }
    if let unwritableSince, now >= unwritableSince + times.response { return .abort }
    if let pingedAt, now >= pingedAt + times.pong { return .abort }
    return nil
  }

  private mutating func age(_ now: Int64) -> Action? {
    switch phase {
    case .draining(let until?) where now >= until:
      phase = .ending(until: now + Self.farewell)
      return .cancelCalls
    case .draining: return nil
    case .ending(let until): return now >= until ? .abort : nil
    case .open:
      let isOld = ageAt.map { now >= $0 } ?? false
      let isIdle = times.idle.flatMap { idle in idleSince.map { now >= $0 + idle } } ?? false
      guard isOld || isIdle else { return nil }
      phase = .draining(until: times.grace.map { now + $0 })
      return .drain
    }
  }
}
