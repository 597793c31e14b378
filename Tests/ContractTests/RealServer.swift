import Capacity
import CapacityAPI
import CapacityEngine
import CupoContract
import Logging
import MemoryStorage
import RPC
import Testing

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// The real server in this process: CapacityAPI, an engine, a store in memory, loopback.
struct RealServer {
  let server: Server
  let engine: Engine

  static func start() async throws -> RealServer {
    let store = MemoryStore(identity: StoreIdentity(namingKey: 42))
    let engine = try await Engine.start(
      logger: Logger(label: "contract") { _ in SwiftLogNoOpLogHandler() }, clock: now, zone: zone
    ) { () throws(StorageError) -> any Storage in
      try MemoryStorage(store)
    }
    let services = CapacityAPI.services(
      engine: engine, tzdataVersion: "test", clock: now, zone: zone)
    let server = try await Server.start(ServerConfiguration(), services)
    return RealServer(server: server, engine: engine)
  }

  func stop() async {
    await server.drain(within: .seconds(1))
    await engine.stop()
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
