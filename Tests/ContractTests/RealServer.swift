import Capacity
import CapacityAPI
import CapacityEngine
import CupoContract
import CupoSchema
import Identity
import Logging
import MemoryStorage
import RPC
import Testing

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// The real server in this process: CapacityAPI, an engine, a store in memory, loopback, tokens by a key of its own.
struct RealServer {
  let server: Server
  let engine: Engine
  let target: ContractTarget

  /// - Parameter contracts: the access table that the server goes by.
  static func start(
    contracts: @escaping Access.Contracts = { MethodContract.of(path: $0) }
  ) async throws -> RealServer {
    let store = MemoryStore(identity: StoreIdentity(namingKey: 42))
    let engine = try await Engine.start(
      logger: Logger(label: "contract") { _ in SwiftLogNoOpLogHandler() }, clock: now, zone: zone
    ) { () throws(StorageError) -> any Storage in
      try MemoryStorage(store)
    }
    let key = await SigningKey.generate()
    let authenticator = Authenticator(rules: TokenRules()) { now().seconds }
    _ = await authenticator.use(Authenticator.Files(keys: [key.file]))
    let services = CapacityAPI.services(
      engine: engine, access: Access(TokenIdentification(authenticator), contracts: contracts),
      tzdataVersion: "test", clock: now, zone: zone)
    let server = try await Server.start(ServerConfiguration(), services)
    return RealServer(server: server, engine: engine, target: await target(server, key))
  }

  func stop() async {
    await server.drain(within: .seconds(1))
    await engine.stop()
  }

  // As an administrator, who can make tokens of everybody.
  private static func target(_ server: Server, _ key: SigningKey) async -> ContractTarget {
    var target = ContractTarget(host: server.address.host, port: server.address.port)
    target.tokens = { await token($0, key) }
    let admin = await token(ContractToken(subject: "suite", roles: [.admin]), key) ?? ""
    target.metadata.append("authorization", "Bearer \(admin)")
    return target
  }

  @Sendable private static func token(_ wanted: ContractToken, _ key: SigningKey) async -> String? {
    let signer = wanted.flaw == .wrongKey ? await SigningKey.generate() : key
    return signer.token(
      TokenClaims(
        issuer: wanted.flaw == .wrongIssuer ? "somebody" : "cupo",
        audiences: [wanted.flaw == .wrongAudience ? "something" : "cupo"],
        subject: wanted.subject, roles: RoleSet(wanted.roles), sellerIDs: Set(wanted.sellerIDs),
        expiry: now().seconds + (wanted.flaw == .expired ? -3_600 : 3_600)))
  }

  @Sendable private static func now() -> Instant {
    var time = timespec()
    unsafe clock_gettime(CLOCK_REALTIME, &time)
    return Instant(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000)
  }

  // Zones that the suite asks for; reading TZif files is another room's matter.
  @Sendable private static func zone(_ name: String) -> Zone? {
    switch name {
    case "UTC": Zone(name: name, initialOffset: 0, transitions: [])
    case "America/Bogota": Zone(name: name, initialOffset: -5 * 3_600, transitions: [])
    default: nil
    }
  }
}
