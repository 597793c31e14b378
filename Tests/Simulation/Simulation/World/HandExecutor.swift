import Synchronization

/// Runs tasks by hand, one after another in the order in which they became ready, on the thread that asks for it.
final class HandExecutor: TaskExecutor {
  private let ready = Mutex<[UnownedJob]>([])

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    ready.withLock { $0.append(job) }
  }

  /// Runs what is ready, and what becomes ready by it.
  func run() {
    while true {
      let jobs = ready.withLock { ready in
        defer { ready.removeAll() }
        return ready
      }
      if jobs.isEmpty { return }
      for job in jobs { unsafe job.runSynchronously(on: asUnownedTaskExecutor()) }
    }
  }
}

/// Where a task leaves what it came to.
final class Outlet<Value: Sendable>: Sendable {
  private let content = Mutex<Value?>(nil)

  var value: Value? { content.withLock { $0 } }

  func put(_ value: Value) {
    content.withLock { $0 = value }
  }
}
