/// What gathers on an event loop during one turn. It never leaves the loop.
final class LoopTurn {
  /// A connection that may have bytes to write.
  protocol Flushable: AnyObject {
    func flush()
  }

  var jobs: [UnownedJob] = []
  /// What came from other threads and has not been run.
  var inbox: [LoopExecutor.Work] = []
  var isInboxScheduled = false
  /// The storage of the jobs that ran last, to be used again.
  var spareJobs: [UnownedJob] = []
  /// A turn gathers what there is to do.
  var isRunning = false
  /// The turn's end is under way; what comes up meanwhile belongs to it.
  var isFinishing = false
  var isFinishScheduled = false
  /// Handlers that have not come to their end, whatever became of their calls.
  var runningHandlers = 0
  /// Calls with a deadline.
  let deadlines = DeadlineWheel()
  /// Connections that want to be looked at. They wait for seconds or hours, so their ticks are coarse.
  let watches = DeadlineWheel(tickMilliseconds: 100)
  /// What connections may have open, by how the loop keeps up.
  var allowance: CallAllowance
  /// Connections that are open.
  var connections = 0
  /// Calls that have begun, modulo the size of the number.
  var callsBegun: UInt64 = 0
  /// A timer is set that looks whether the loop is late.
  var isTimed = false
  private var dirty: [any Flushable] = []

  init(callsMax: Int) {
    allowance = CallAllowance(callsMax: callsMax)
  }

  /// Lets `connection` write at the end of the turn. A connection asks once for each turn.
  func markDirty(_ connection: any Flushable) {
    dirty.append(connection)
  }

  func flushDirty() {
    while !dirty.isEmpty {
      let all = dirty
      dirty.removeAll(keepingCapacity: true)
      for connection in all { connection.flush() }
    }
  }
}
