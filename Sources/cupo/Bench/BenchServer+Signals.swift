internal import UnixSignals

#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

extension BenchServer {
  /// Stops the server when this command is told to end: nobody else knows of it.
  func stopOnSignals() async -> Task<Void, Never> {
    let signals = await UnixSignalsSequence(trapping: [.sigterm, .sigint])
    return Task {
      for await signal in signals {
        stop()
        _exit(128 + signal.rawValue)
      }
    }
  }
}
