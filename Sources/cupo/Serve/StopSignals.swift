internal import ServiceLifecycle
internal import UnixSignals

#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// SIGTERM and SIGINT: the first ends its service group, so that calls can finish; a second one ends the process at once, which
/// is for impatient people and loses nothing, because everything acknowledged is durable.
///
/// The signals are trapped from `init` on: a script that saw the ready line may send one in the next microsecond.
struct StopSignals: Service {
  private let first: AsyncStream<Never>

  init() async {
    let signals = await UnixSignalsSequence(trapping: [.sigterm, .sigint])
    let (first, firstCame) = AsyncStream<Never>.makeStream()
    self.first = first
    // One task for both, as the sequence can be read once only.
    Task {
      var isStopping = false
      for await signal in signals {
        if isStopping {
          Terminal.complain("stopped at once by a second \(signal)")
          _exit(128 + signal.rawValue)
        }
        isStopping = true
        firstCame.finish()
      }
    }
  }

  func run() async throws {
    for await _ in first.cancelOnGracefulShutdown() {}
  }
}
