internal import RPC
internal import ServiceLifecycle
internal import UnixSignals

/// SIGHUP: reads the certificates again. Trapped from `init` on.
struct ReloadSignals: Service {
  let server: Server
  private let signals: UnixSignalsSequence

  init(server: Server) async {
    self.server = server
    signals = await UnixSignalsSequence(trapping: [.sighup])
  }

  func run() async throws {
    for await _ in signals.cancelOnGracefulShutdown() { server.reloadCertificates() }
  }
}
