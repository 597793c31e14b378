import Capacity
import CapacityAPI
import CapacityEngine
import CupoContract
import Foundation
import Logging
import MemoryStorage
import PostgresServer
import PostgresStorage
import RPC
import SQLiteStorage
import Testing

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// The real server in this process: CapacityAPI, an engine, a store, loopback.
struct RealServer {
  /// What it keeps things in.
  enum Store: CaseIterable {
    case memory, sqlite, postgres
  }

  let server: Server
  let engine: Engine
  // Of a store in a file.
  private let folder: String?

  static func start(on store: Store = .memory) async throws -> RealServer {
    let folder = store == .sqlite ? try makeFolder() : nil
    let open = try opener(of: store, folder)
    let engine = try await Engine.start(
      logger: Logger(label: "contract") { _ in SwiftLogNoOpLogHandler() }, clock: now, zone: zone,
      open: open)
    let services = CapacityAPI.services(
      engine: engine, tzdataVersion: "test", clock: { engine.now() }, zone: zone)
    let server = try await Server.start(ServerConfiguration(), services)
    return RealServer(server: server, engine: engine, folder: folder)
  }

  private typealias Opener = @Sendable () throws(StorageError) -> any Storage

  private static func opener(of store: Store, _ folder: String?) throws -> Opener {
    let identity = StoreIdentity(namingKey: 42)
    switch store {
    case .memory:
      let memory = MemoryStore(identity: identity)
      return { () throws(StorageError) in try MemoryStorage(memory) }
    case .sqlite:
      let path = "\(folder ?? "")/cupo.db"
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

  private static func makeFolder() throws -> String {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
      "cupo-contract-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    return folder.path
  }

  func stop() async {
    await server.drain(within: .seconds(1))
    await engine.stop()
    // A folder that stays is no reason to fail.
    if let folder { try? FileManager.default.removeItem(atPath: folder) }
  }

  var target: ContractTarget {
    ContractTarget(host: server.address.host, port: server.address.port)
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
