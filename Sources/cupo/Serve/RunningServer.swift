internal import Capacity
internal import CapacityAPI
internal import CapacityEngine
internal import CupoClient
internal import Logging
internal import RPC
internal import ServiceLifecycle

/// A server that answers calls: the rooms put together.
struct RunningServer {
  let engine: Engine
  let server: Server
  let logger: Logger

  /// Opens the store, starts the engine on it, and listens.
  static func start(_ settings: ServeSettings, logger: Logger) async throws(Failure)
    -> RunningServer
  {
    let zones = try ZoneDirectory()
    if zones.version == "unknown" { logger.warning("the version of tzdata is unknown") }
    try settings.makeFolders()
    FileDescriptors.raiseLimit()
    let engine = try await startEngine(settings.storage, zones, logger)
    let services = CapacityAPI.services(
      engine: engine, tzdataVersion: zones.version, clock: { SystemClock.now() },
      zone: { zones.zone($0) })
    var configuration = ServerConfiguration(logger: logger)
    (configuration.host, configuration.port) = (settings.listen.host, settings.listen.port)
    do {
      let server = try await Server.start(configuration, services)
      return RunningServer(engine: engine, server: server, logger: logger)
    } catch {
      await engine.stop()
      let isTaken = "\(error)".contains("Address already in use")
      let why = isTaken ? "another process listens there" : "\(error)"
      throw Failure(.unavailable, "cannot listen on \(settings.listen): \(why)")
    }
  }

  private static func startEngine(
    _ storage: StorageChoice, _ zones: ZoneDirectory, _ logger: Logger
  ) async throws(Failure) -> Engine {
    do throws(StorageError) {
      return try await Engine.start(
        logger: logger, clock: { SystemClock.now() }, zone: { zones.zone($0) },
        open: { () throws(StorageError) in try storage.open() })
    } catch {
      throw Failure(.unavailable, "cannot open the storage \(storage): \(error.detail)")
    }
  }

  /// The address that is bound.
  var address: Endpoint { Endpoint(host: server.address.host, port: server.address.port) }

  /// Where this machine itself finds the server: an address that means all of them is none to call.
  var ownAddress: Endpoint {
    let everywhere = ["0.0.0.0": "127.0.0.1", "::": "::1"]
    return Endpoint(host: everywhere[address.host] ?? address.host, port: address.port)
  }

  /// Serves until the first of `signals`, then lets calls finish within `grace`.
  func serve(until signals: StopSignals, grace: Duration) async throws {
    // Ended in reverse order: the server first, which still needs the engine.
    let configuration = ServiceGroupConfiguration(
      services: [
        .init(service: EngineService(engine: engine)),
        .init(service: ServerService(server: server, engine: engine, grace: grace)),
        .init(service: signals, successTerminationBehavior: .gracefullyShutdownGroup),
      ],
      logger: logger)
    try await ServiceGroup(configuration: configuration).run()
  }

  /// Ends at once.
  func stop() async {
    await server.drain(within: .zero)
    await engine.stop()
  }
}
