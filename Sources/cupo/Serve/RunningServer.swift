internal import Capacity
internal import CapacityAPI
internal import CapacityEngine
internal import CupoClient
internal import CupoSchema
internal import Identity
internal import Logging
internal import Protobuf
internal import RPC
internal import RPCSchema
internal import ServiceLifecycle

/// A server that answers calls: the rooms put together.
struct RunningServer {
  let engine: Engine
  let server: Server
  let health: HealthService
  let identity: ServerIdentity
  let logger: Logger
  private let makeServices: @Sendable (Access, CallLimits) -> ServiceTable
  // Looks after keys and open streams.
  private let watchman: Task<Void, Never>

  /// Opens the store, starts the engine on it, and listens.
  static func start(_ settings: ServeSettings, logger: Logger) async throws(Failure)
    -> RunningServer
  {
    let zones = try ZoneDirectory()
    if zones.version == "unknown" { logger.warning("the version of tzdata is unknown") }
    try settings.makeFolders()
    let identity = try await ServerIdentity.start(
      settings.identity, data: settings.data, logger: logger)
    FileDescriptors.raiseLimit()
    let store = StoreHealth()
    let engine = try await startEngine(settings, zones, store, logger)
    let showsPersonal = settings.logsPersonalData
    let makeServices = { @Sendable access, limits in
      CapacityAPI.services(
        engine: engine, access: access, tzdataVersion: zones.version,
        clock: { engine.now() }, zone: { zones.zone($0) }, limits: limits,
        incidents: { logger.error($0, showsPersonalData: showsPersonal) })
    }
    let access = Access(TokenIdentification(identity.authenticator))
    var services = makeServices(access, CallLimits(settings.limits.rates))
    let health = store.serve(in: &services)
    if settings.servesReflection {
      Reflection.register(
        in: &services, files: ProtobufFiles.all + RPCSchemaFiles.all + CupoSchemaFiles.all)
    }
    do {
      let server = try await Server.start(settings.configuration(logger), services)
      return RunningServer(
        engine: engine, server: server, health: health, identity: identity, logger: logger,
        makeServices: makeServices, watchman: watch(identity, access))
    } catch {
      await engine.stop()
      if let error = error as? TLSFailure { throw Failure(.usage, "no TLS: \(error)") }
      let isTaken = "\(error)".contains("Address already in use")
      let why = isTaken ? "another process listens there" : "\(error)"
      throw Failure(.unavailable, "cannot listen on \(settings.listen): \(why)")
    }
  }

  private static func startEngine(
    _ settings: ServeSettings, _ zones: ZoneDirectory, _ store: StoreHealth, _ logger: Logger
  ) async throws(Failure) -> Engine {
    do throws(StorageError) {
      return try await Engine.start(
        logger: logger, patience: settings.limits.patience, retention: settings.retention,
        clock: { SystemClock.now() },
        zone: { zones.zone($0) }, storageChanged: { store.changed(isDown: $0) },
        open: { () throws(StorageError) in try settings.storage.open() })
    } catch {
      throw Failure(.unavailable, "cannot open the storage \(settings.storage): \(error.detail)")
    }
  }

  private static func watch(_ identity: ServerIdentity, _ access: Access) -> Task<Void, Never> {
    Task {
      async let keys: Void = identity.poll()
      await CapacityAPI.endStreams(access)
      await keys
    }
  }

  /// The address that is bound.
  var address: Endpoint {
    if let path = server.socketPath { return Endpoint(host: "unix:\(path)", port: 0) }
    return Endpoint(host: server.address.host, port: server.address.port)
  }

  /// Where this machine itself finds the server: an address that means all of them is none to call.
  var ownAddress: Endpoint {
    let everywhere = ["0.0.0.0": "127.0.0.1", "::": "::1"]
    return Endpoint(host: everywhere[address.host] ?? address.host, port: address.port)
  }

  /// Lets this process call its own services, as an administrator.
  func withOwnClient(_ work: (CupoClient) async throws -> Void) async throws {
    // It has no token that a server with keys of others would take, so it has a socket of its own, where nobody else can look.
    let folder = try Folder.makeTemporary()
    defer { folder.remove() }
    var configuration = ServerConfiguration()
    configuration.socketPath = "\(folder.path)/own"
    let process = Principal(subject: "cupo", roles: RoleSet(.admin))
    let own = try await Server.start(
      configuration, makeServices(Access(FixedIdentification(process)), CallLimits()))
    do {
      try await withClient(of: Endpoint(host: "unix:\(folder.path)/own", port: 0), work)
    } catch {
      await own.drain(within: .zero)
      throw error
    }
    await own.drain(within: .zero)
  }

  private func withClient(
    of endpoint: Endpoint, _ work: (CupoClient) async throws -> Void
  ) async throws {
    let client = try await CupoClient.connect(to: endpoint)
    do {
      try await work(client)
    } catch {
      await client.close()
      throw error
    }
    await client.close()
  }

  /// Serves until the first of `signals`, then lets calls finish within `grace`.
  func serve(
    until signals: StopSignals, _ reloads: ReloadSignals, grace: Duration
  ) async throws {
    defer { watchman.cancel() }
    // Ended in reverse order: the server first, which still needs the engine.
    var services: [ServiceGroupConfiguration.ServiceConfiguration] = [
      .init(service: EngineService(engine: engine)),
      .init(
        service: ServerService(server: server, engine: engine, health: health, grace: grace)),
    ]
    services.append(.init(service: reloads))
    services.append(
      .init(service: signals, successTerminationBehavior: .gracefullyShutdownGroup))
    let configuration = ServiceGroupConfiguration(services: services, logger: logger)
    try await ServiceGroup(configuration: configuration).run()
  }

  /// Ends at once.
  func stop() async {
    watchman.cancel()
    health.stop()
    await server.drain(within: .zero)
    await engine.stop()
  }
}
