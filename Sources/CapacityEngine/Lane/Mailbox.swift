import Foundation

/// Where work waits for the lane's thread: the one place in the engine where threads meet.
///
/// `@unchecked Sendable`: everything mutable is touched under `condition` only.
final class Mailbox: @unchecked Sendable {
  private let condition = NSCondition()
  private let waitingMax: Int
  private var waiting: [Work] = []
  private var urgentCount = 0
  private var isStopped = false

  /// - Parameter waitingMax: how much may wait; as much again for what goes ahead of the rest.
  init(waitingMax: Int) {
    self.waitingMax = waitingMax
    waiting.reserveCapacity(1024)
  }

  /// Adds `work`, or says why it cannot wait here.
  func post(_ work: Work) -> EngineError? {
    condition.lock()
    defer { condition.unlock() }
    if isStopped { return .stopping }
    let isUrgent = work.isUrgent
    let count = isUrgent ? urgentCount : waiting.count - urgentCount
    if count >= waitingMax { return .overloaded }
    if isUrgent { urgentCount += 1 }
    waiting.append(work)
    if waiting.count == 1 { condition.signal() }
    return nil
  }

  /// No more work is taken; what waits is still handed out.
  func stop() {
    condition.lock()
    defer { condition.unlock() }
    isStopped = true
    condition.signal()
  }

  /// Exchanges `batch`, which must be empty, for everything that waits. Waits for work at most `seconds`.
  /// - Returns: false when the mailbox is stopped and nothing waits any more.
  func take(into batch: inout [Work], waitingAtMost seconds: Double) -> Bool {
    condition.lock()
    defer { condition.unlock() }
    if waiting.isEmpty, !isStopped, seconds > 0 {
      _ = condition.wait(until: Date(timeIntervalSinceNow: seconds))
    }
    swap(&batch, &waiting)
    urgentCount = 0
    return !(isStopped && batch.isEmpty)
  }
}
