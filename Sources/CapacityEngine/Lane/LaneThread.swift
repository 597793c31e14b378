import Capacity
import Foundation

/// Runs a lane on a thread of its own: while one batch is in the store's hands the next one grows.
enum LaneThread {
  /// The thread looks up at least this often, should the wall clock have been set meanwhile.
  private static let patienceSeconds = 1.0

  /// Starts the thread. `open` runs on it, and so does the lane; `opened` is told how that went, and `ended` when the
  /// thread has closed everything.
  static func start(
    _ mailbox: Mailbox, clock: @escaping @Sendable () -> Instant,
    open: @escaping @Sendable () throws(StorageError) -> Lane,
    opened: @escaping @Sendable (Result<Void, StorageError>) -> Void,
    ended: @escaping @Sendable () -> Void
  ) {
    let thread = Thread {
      do throws(StorageError) {
        let lane = try open()
        opened(.success(()))
        run(lane, mailbox, clock)
        lane.close()
      } catch {
        opened(.failure(error))
      }
      ended()
    }
    thread.name = "cupo-lane"
    thread.stackSize = 8 << 20
    thread.start()
  }

  private static func run(_ lane: Lane, _ mailbox: Mailbox, _ clock: @Sendable () -> Instant) {
    var batch: [Work] = []
    while mailbox.take(into: &batch, waitingAtMost: patience(lane, clock)) {
      lane.turn(batch)
      batch.removeAll(keepingCapacity: true)
      lane.moveOn { mailbox.hasWork }
    }
  }

  private static func patience(_ lane: Lane, _ clock: @Sendable () -> Instant) -> Double {
    guard let next = lane.nextTurn() else { return patienceSeconds }
    let microseconds = next.microseconds - clock().microseconds
    return min(patienceSeconds, max(0, Double(microseconds) / 1_000_000))
  }
}
