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

  /// By the key that the server has made; a token in the environment is for another.
  func token() async throws(Failure) -> String? {
    guard let key = try await OwnKey.read(in: data) else { return nil }
    return try Self.token(by: TokenMint(key: key))
  }

  /// A shop's and its checkout's in one. An administrator's would leave an entry in the audit log with each call.
  static func token(by mint: TokenMint) throws(Failure) -> String {
    try mint.token(
      subject: "bench", roles: RoleSet([.seller, .checkout]),
      sellerIDs: [BenchShop.defaultSellerID],
      seconds: TokenMint.ownSeconds)
  }
}
