import Capacity
import Foundation
import Logging

/// The thread that reads the log and shortens it, so that neither keeps the lane from deciding.
final class LogThread {
  /// Events that are kept for those who follow the end.
  private static let recentMax = 4096
  /// Between two steps of the retention passes at least this long, and so many times what the step took: the lane wants
  /// to write as well, and meanwhile it cannot.
  private static let pause = Duration.milliseconds(10)
  private static let pausePerStep = 10
  private static let patienceSeconds = 60.0

  private let feed: EventFeed
  private let audit: AuditTrail
  private let open: EventLogOpener
  private let retention: EventRetention
  private let clock: @Sendable () -> Instant
  private let logger: Logger
  private var recent = RecentEvents(countMax: LogThread.recentMax)
  private var log: (any EventLog)?
  private var trimmer: LogTrimmer?
  private var closed: ReservationTrimmer?
  private var nextStep = ContinuousClock.now
  private var isDown = false
  // One after the other, of writing to the audit log; it is tried once a second.
  private var auditFailures = 0
  private static let auditFailuresMax = 30

  init(
    _ feed: EventFeed, _ audit: AuditTrail, _ open: @escaping EventLogOpener,
    _ retention: EventRetention, _ clock: @escaping @Sendable () -> Instant, _ logger: Logger
  ) {
    self.feed = feed
    self.audit = audit
    self.open = open
    self.retention = retention
    self.clock = clock
    self.logger = logger
  }

  static func start(
    _ feed: EventFeed, _ audit: AuditTrail, open: @escaping EventLogOpener,
    retention: EventRetention, clock: @escaping @Sendable () -> Instant, logger: Logger,
    ended: @escaping @Sendable () -> Void
  ) {
    let thread = Thread {
      LogThread(feed, audit, open, retention, clock, logger).run()
      ended()
    }
    thread.name = "cupo-log"
    thread.start()
  }

  private func run() {
    while let requests = feed.take(waitingAtMost: patience()) {
      answer(requests)
      serveAudit()
      if retention.isOn, nextStep <= .now { shorten() }
    }
    serveAudit()
    audit.stop()
  }

  private func patience() -> Double {
    let own = retention.isOn ? (nextStep - .now) / .seconds(1) : LogThread.patienceSeconds
    return max(0, min(own, audit.patienceSeconds()))
  }

  // MARK: Reading

  func answer(_ requests: [EventFeed.Request]) {
    if feed.takeRestart() { recent = RecentEvents(countMax: LogThread.recentMax) }
    for request in requests { request.answer(answer(request)) }
  }

  private func answer(_ request: EventFeed.Request) -> Result<EventFeed.Page, EngineError> {
    if request.after < feed.floor { return .success(.compacted) }
    if let events = recent.events(after: request.after, limit: request.limit) {
      return .success(.events(events))
    }
    do throws(StorageError) {
      let page = try read(request)
      recover()
      return .success(page)
    } catch {
      report(error)
      return .failure(.storageUnavailable)
    }
  }

  private func read(_ request: EventFeed.Request) throws(StorageError) -> EventFeed.Page {
    let log = try opened()
    let events = try log.events(after: request.after, limit: request.limit)
    // The checkpoint is written before events go: what is missing here is covered there.
    if request.after < feed.floor || events.first?.sequence != request.after + 1 {
      feed.setFloor(try log.checkpoint().sequence)
      guard request.after >= feed.floor else { return .compacted }
    }
    recent.append(events)
    return .events(events)
  }

  private func opened() throws(StorageError) -> any EventLog {
    if let log { return log }
    let opened = try open()
    feed.setFloor(try opened.checkpoint().sequence)
    log = opened
    return opened
  }

  // MARK: Retention

  func shorten() {
    do throws(StorageError) {
      let trimmer = try openedTrimmer()
      let start = ContinuousClock.now
      var isMore = try trimmer.step(at: clock(), position: feed.position)
      if !trimmer.isContradictory { isMore = try forgetClosed() || isMore }
      feed.setFloor(trimmer.checkpoint.sequence)
      let pause = max(LogThread.pause, (.now - start) * LogThread.pausePerStep)
      nextStep = .now + (isMore ? pause : .seconds(retention.everySeconds))
      recover()
    } catch {
      // Another node was faster: it starts again from what that one left.
      if error.kind != .conflict { report(error) }
      // What it knew of the store may be wrong now.
      trimmer = nil
      closed = nil
      nextStep = .now + .seconds(retention.everySeconds)
    }
  }

  // Answers whether there is more to do.
  private func forgetClosed() throws(StorageError) -> Bool {
    guard let maxAge = retention.closedMaxAge else { return false }
    if let closed { return try closed.step(at: clock()) }
    let trimmer = ReservationTrimmer(maxAge, try opened(), limit: retention.eventsPerStep)
    closed = trimmer
    return try trimmer.step(at: clock())
  }

  private func openedTrimmer() throws(StorageError) -> LogTrimmer {
    if let trimmer { return trimmer }
    let made = try LogTrimmer(retention, try opened(), logger)
    trimmer = made
    return made
  }

  // MARK: The audit log

  /// Writes what was noted, and answers those who read.
  func serveAudit() {
    if let records = audit.take() {
      do throws(StorageError) {
        try opened().append(records)
        auditFailures = 0
        recover()
      } catch {
        reportAudit(error)
        audit.putBack(records)
      }
    }
    for request in audit.takeRequests() {
      do throws(StorageError) {
        request.answer(.success(try AuditPage(of: opened(), request)))
      } catch {
        report(error)
        request.answer(.failure(.storageUnavailable))
      }
    }
  }

  // MARK: Failures

  private func report(_ error: StorageError) {
    guard !isDown else { return }
    isDown = true
    logger.critical("P2 the log cannot be read or shortened: \(error.loggable)")
  }

  // A store that fails is the lane's to tell of. What fails for half a minute here is worth a line of its own.
  private func reportAudit(_ error: StorageError) {
    auditFailures += 1
    if auditFailures == 1 { logger.notice("entries of the audit log wait: \(error.detail)") }
    if auditFailures == LogThread.auditFailuresMax { report(error) }
  }

  private func recover() {
    guard isDown else { return }
    isDown = false
    logger.notice("the log works again")
  }
}
