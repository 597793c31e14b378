internal import Identity
internal import RPC
internal import Synchronization

/// The streams that are open, and whose they are: a token that runs out, or whose key is taken away, ends them, for a stream has
/// no next call that would be refused.
package final class OpenStreams: Sendable {
  private struct Open {
    let principal: Principal
    let call: CallContext
  }

  private struct State {
    var next: UInt64 = 0
    var open: [UInt64: Open] = [:]
  }

  private let state = Mutex(State())

  func add(_ principal: Principal, _ call: CallContext) -> UInt64 {
    state.withLock { state in
      state.next += 1
      state.open[state.next] = Open(principal: principal, call: call)
      return state.next
    }
  }

  func remove(_ number: UInt64) {
    state.withLock { _ = $0.open.removeValue(forKey: number) }
  }

  var count: Int { state.withLock { $0.open.count } }

  /// Ends the streams of those who are nobody any more.
  func sweep(_ identification: any Identification) {
    for open in state.withLock({ Array($0.open.values) }) {
      guard let refusal = identification.end(of: open.principal) else { continue }
      open.call.reply.end(refusal.status(of: open.call))
    }
  }
}
