package import CapacityEngine
import Synchronization

/// What shall go wrong in a `MemoryStorage`, and when. A test arms it; any thread may.
package final class Faults: Sendable {
  /// A call of the storage port.
  package enum Operation: Hashable, CaseIterable, Sendable {
    case identity, lane, begin, load, commit, catalogue, pools, reservations, events
  }

  /// What happens instead of, or besides, the call.
  package enum Effect: Equatable, Sendable {
    /// Throws; nothing is written.
    case fail(StorageError)
    /// A commit that reports success and forgets.
    case loseWrite
    /// A commit that writes everything and throws all the same.
    case writeThenFail(StorageError)
    /// The call waits so long, and then works.
    case delay(microseconds: UInt32)
  }

  /// What a full disk says.
  package static let full = StorageError(.unavailable, "the disk is full")

  private struct Armed {
    var effect: Effect
    var operation: Operation
    var calls: Range<Int>
  }

  private struct State {
    var armed: [Armed] = []
    var callCounts: [Operation: Int] = [:]
    var isFull = false
  }

  private let state = Mutex(State())

  package init() {}

  /// Arms `effect` for `count` calls of `operation`, from the `nth` from now on.
  package func arm(_ effect: Effect, at operation: Operation, nth: Int = 1, count: Int = 1) {
    precondition(nth > 0 && count > 0, "calls are counted from 1")
    state.withLock { state in
      let first = state.callCounts[operation, default: 0] + nth
      let end = first.addingReportingOverflow(count)
      state.armed.append(
        Armed(effect: effect, operation: operation, calls: first..<(end.overflow ? .max : end.0)))
    }
  }

  /// From now on commits throw `full`, until it is taken back.
  package func setFull(_ isFull: Bool) {
    state.withLock { $0.isFull = isFull }
  }

  /// Everything works again.
  package func disarm() {
    state.withLock { state in
      state.armed.removeAll()
      state.isFull = false
    }
  }

  /// How often `operation` was called so far, faults included.
  package func callCount(_ operation: Operation) -> Int {
    state.withLock { $0.callCounts[operation, default: 0] }
  }

  /// Counts one call and does what is armed for it; what only a commit can do is handed back.
  func meet(_ operation: Operation) throws(StorageError) -> Effect? {
    let effect = state.withLock { state -> Effect? in
      let call = state.callCounts[operation, default: 0] + 1
      state.callCounts[operation] = call
      if state.isFull && operation == .commit { return .fail(Faults.full) }
      return state.armed.first { $0.operation == operation && $0.calls.contains(call) }?.effect
    }
    switch effect {
    case .fail(let error): throw error
    case .delay(let microseconds): Pause.sleep(microseconds: microseconds)
    case .loseWrite, .writeThenFail, nil: break
    }
    return effect
  }
}
