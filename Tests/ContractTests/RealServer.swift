import Capacity
import CapacityAPI
import CapacityEngine
import CupoContract
import CupoSchema
import Foundation
import Identity
import Logging
import MemoryStorage
import PostgresServer
import PostgresStorage
import RPC
import SQLiteStorage
import TemporaryFolders
import Testing

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// The real server in this process: CapacityAPI, an engine, a store, loopback, tokens by a key of its own.
struct RealServer {
  /// What it keeps things in.
  enum Store: CaseIterable {
    case memory, sqlite, postgres
  }

  let server: Server
  let engine: Engine
  let target: ContractTarget
  // Of a store in a file.
  private let folder: TemporaryFolder?

  /// - Parameters:
  ///   - contracts: the access table that the server goes by.
  ///   - limits: how often callers may call.
  static func start(
    on store: Store = .memory,
    contracts: @escaping Access.Contracts = { MethodContract.of(path: $0) },
    limits: CallLimits = CallLimits()
  ) async throws -> RealServer {
    let folder = store == .sqlite ? try TemporaryFolder() : nil
    let open = try opener(of: store, folder)
    let engine = try await Engine.start(
      logger: Logger(label: "contract") { _ in SwiftLogNoOpLogHandler() }, clock: now, zone: zone,
      open: open)
    let key = await SigningKey.generate()
    let authenticator = Authenticator(rules: TokenRules()) { now().seconds }
    _ = await authenticator.use(Authenticator.Files(keys: [key.file]))
    let services = CapacityAPI.services(
      engine: engine, access: Access(TokenIdentification(authenticator), contracts: contracts),
      tzdataVersion: "test", clock: { engine.now() }, zone: zone, limits: limits)
    let server = try await Server.start(ServerConfiguration(), services)
    return RealServer(
      server: server, engine: engine, target: await target(server, key), folder: folder)
  }

  private typealias Opener = @Sendable () throws(StorageError) -> any Storage

  private static func opener(of store: Store, _ folder: TemporaryFolder?) throws -> Opener {
    let identity = StoreIdentity(namingKey: 42)
    switch store {
    case .memory:
      let memory = MemoryStore(identity: identity)
      return { () throws(StorageError) in try MemoryStorage(memory) }
    case .sqlite:
      let path = folder?.path(of: "cupo.db") ?? ""
      return { () throws(StorageError) in
        try SQLiteStorage.open(path: path, newIdentity: identity)
      }
    case .postgres:
      let settings = try PostgresServer.newPlace()
      return { () throws(StorageError) in
        try PostgresStorage.open(settings, newIdentity: identity)
      }
    }
  }

  func stop() async {
    await server.drain(within: .seconds(1))
    await engine.stop()
    folder?.remove()
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
