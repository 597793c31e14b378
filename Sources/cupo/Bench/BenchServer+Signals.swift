internal import CupoSchema
internal import Identity
internal import UnixSignals

#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

extension BenchServer {
  /// Starts a server, which also ends when this command is told to: nobody else knows of it.
  static func start() async throws -> BenchServer {
    // Trapped before: what comes while the server starts waits until there is something to stop.
    let signals = await UnixSignalsSequence(trapping: [.sigterm, .sigint])
    let server = try launch()
    Task {
      for await signal in signals {
        server.stop()
        _exit(128 + signal.rawValue)
      }
    }
    return server
  }

  /// An administrator's, by the key that the server has made; a token in the environment is for another.
  func token() async throws(Failure) -> String? {
    guard let key = try await OwnKey.read(in: data) else { return nil }
    return try TokenMint(key: key).token(
      subject: "admin", roles: RoleSet(.admin), seconds: TokenMint.ownSeconds)
  }
}
