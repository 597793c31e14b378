internal import RPC
internal import ServiceLifecycle
internal import UnixSignals

/// SIGHUP: reads keys and certificates again. Trapped from `init` on.
struct ReloadSignals: Service {
  let server: Server
  let identity: ServerIdentity
  private let signals: UnixSignalsSequence

  init(server: Server, identity: ServerIdentity) async {
    self.identity = identity
    self.server = server
    signals = await UnixSignalsSequence(trapping: [.sighup])
  }

  func run() async throws {
    for await _ in signals.cancelOnGracefulShutdown() {
      server.reloadCertificates()
      await identity.reload()
    }
  }
}
