internal import ArgumentParser
internal import Capacity
internal import CapacityEngine
internal import CupoClient
internal import Logging
internal import RPC

struct ServeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve",
    abstract: "Run a server.",
    discussion: """
      Once it answers calls, standard output has exactly one line, which scripts can wait for:

        ready address=127.0.0.1:50051 storage=sqlite:./cupo-data/cupo.db version=\(Version.text)

      SIGTERM or SIGINT lets running calls finish; a second one ends at once. SIGHUP reads keys and \
      certificates again; they are also read when they have changed.

      Every call needs a token, health and reflection excepted. On an empty data folder the server makes \
      a signing key there, by which `cupo token` makes tokens and the other commands theirs.
      """)

  @Option(
    help: "Where to listen, HOST:PORT or unix:PATH; port 0 takes a free one.")
  var listen = "127.0.0.1:50051"

  @Option(help: "Who may connect to the socket of unix:PATH, as for chmod.")
  var socketMode = SocketMode(bits: 0o600)

  @OptionGroup(title: "TLS")
  var tls: ServeTLSOptions

  @OptionGroup(title: "Identity")
  var identity: ServeIdentityOptions

  @OptionGroup(title: "Limits")
  var limits: ServeLimitOptions

  @Option(
    help:
      "sqlite:PATH, postgres://USER@HOST/DATABASE or memory:. Absent: cupo.db in the data folder.")
  var storage: StorageChoice?

  @Option(help: "The folder for everything that is kept; made where it is missing.")
  var data = "./cupo-data"

  @Flag(
    help: "Listen without TLS where other machines can reach it, as behind a proxy that has it.")
  var insecure = false

  @Flag(
    inversion: .prefixedNo, help: "Tell what can be called by gRPC's reflection, without a token.")
  var reflection = true

  @Option(
    help: "trace, debug, info, notice, warning, error or critical; logs go to standard error.")
  var logLevel = LogLevelArgument(level: .info)

  @Flag(help: "Let logs say who made a call; without it, names and references are masked.")
  var logPersonalData = false

  @Option(help: "A catalogue file or folder to apply at start; see `cupo help apply`.")
  var apply: String?

  @Option(help: "Keep events for so long, as in 30d; older ones go. Absent: for ever.")
  var keepEvents: DurationArgument?

  @Option(
    help: "Keep so much of the log, as in 2GB; the oldest events beyond that go. Absent: all.")
  var keepEventsSize: SizeArgument?

  @Option(
    help: """
      Keep reservations for so long after they were closed, 2d at least; older ones go, with their keys. Absent: for ever.
      """)
  var keepReservations: DurationArgument?

  @Option(help: "How long running calls may take to finish at the end.")
  var grace = DurationArgument(milliseconds: 30_000)

  func validate() throws {
    try validateRetention()
    guard let endpoint = Endpoint(listen) else {
      throw ValidationError("'\(listen)' is no address: --listen takes HOST:PORT or unix:PATH.")
    }
    guard identity.tlsPrincipals == nil || tls.tlsClientCA != nil else {
      throw ValidationError(
        "--tls-principals needs --tls-client-ca: names that nobody checked are none.")
    }
    try validateReach(endpoint)
  }

  private func validateReach(_ endpoint: Endpoint) throws {
    guard !endpoint.isLoopback else { return }
    guard tls.configuration != nil || insecure else {
      throw ValidationError(
        """
        \(endpoint) can be reached from other machines, and tokens would go over the network for all to read. \
        Listen on 127.0.0.1, serve by TLS (--tls-certificate, --tls-key), or say --insecure if a proxy \
        before it has TLS.
        """)
    }
    guard identity.isConfigured else {
      throw ValidationError(
        """
        \(endpoint) can be reached from other machines, and the server's own key is for this machine only. \
        Name the keys of whoever issues tokens by --token-keys and --token-issuer, or who is who by \
        certificate by --tls-principals.
        """)
    }
  }

  private func validateRetention() throws {
    if let keepEvents, keepEvents.milliseconds <= 0 {
      throw ValidationError(
        "--keep-events takes how long, as in 30d; without it events stay for ever.")
    }
    // Keys live for a day at least, and the day of a buyer has 25 hours at most.
    if let keepReservations, keepReservations.milliseconds < 2 * 86_400_000 {
      throw ValidationError("--keep-reservations takes 2d or more, as in 400d.")
    }
  }

  func run() async throws {
    let level = logLevel.level
    LoggingSystem.bootstrap { label in
      var handler = StreamLogHandler.standardError(label: label)
      handler.logLevel = level
      return handler
    }
    Allocator.giveBackInBackground()
    try await Reporting.run {
      guard let endpoint = Endpoint(listen) else { throw Failure(.usage, "no address: \(listen)") }
      // A wrong catalogue is told before anything is opened.
      let catalogue = try readCatalogue()
      var settings = ServeSettings(listen: endpoint, storage: storage, data: data)
      settings.tls = tls.configuration
      settings.socketMode = socketMode
      settings.identity = identity.settings
      settings.limits = try limits.settings()
      settings.logsPersonalData = logPersonalData
      settings.servesReflection = reflection
      settings.retention = retention
      let running = try await RunningServer.start(settings, logger: Logger(label: "cupo"))
      if running.identity.hasNewKey { explainTokens() }
      try await applyCatalogue(catalogue, to: running)
      let signals = await StopSignals()
      let reloads = await ReloadSignals(server: running.server, identity: running.identity)
      Terminal.write(
        "ready address=\(running.address) storage=\(settings.storage) version=\(Version.text)")
      try await running.serve(until: signals, reloads, grace: grace.duration)
    }
  }

  private func explainTokens() {
    Terminal.complain(
      """
      made \(OwnKey.path(in: data)): whoever can read it can make tokens of every role
        cupo's commands on this machine use it by themselves
        for other clients: cupo token --role buyer --subject ana --ttl 1h --data \(data)
      """)
  }

  var retention: EventRetention {
    EventRetention(
      maxAge: keepEvents.map { Interval(microseconds: $0.milliseconds * 1_000) },
      maxBytes: keepEventsSize?.bytes,
      closedMaxAge: keepReservations.map { Interval(microseconds: $0.milliseconds * 1_000) })
  }

  private func readCatalogue() throws -> CatalogueFile? {
    guard let apply else { return nil }
    return try CatalogueSource.read(apply)
  }

  private func applyCatalogue(
    _ catalogue: CatalogueFile?, to running: RunningServer
  ) async throws {
    guard let catalogue else { return }
    do {
      try await running.withOwnClient { client in
        let applier = CatalogueApplier(client: client)
        try await applier.apply(catalogue) { running.logger.info("applied \($0.line)") }
      }
    } catch {
      await running.stop()
      if let error = error as? CupoError { throw Failure(error, language: "en") }
      throw error
    }
  }
}
