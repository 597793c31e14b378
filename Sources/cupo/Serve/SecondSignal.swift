internal import UnixSignals

#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// Lets an impatient person end a server that is stopping: everything acknowledged is durable, so nothing is lost.
enum SecondSignal {
  /// From now on, SIGTERM or SIGINT end the process at once.
  static func arm() {
    Task {
      for await signal in await UnixSignalsSequence(trapping: [.sigterm, .sigint]) {
        Terminal.complain("stopped at once by a second \(signal)")
        _exit(128 + signal.rawValue)
      }
    }
  }
}
