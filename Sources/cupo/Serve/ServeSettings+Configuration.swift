internal import CupoClient
internal import Logging
internal import RPC

extension ServeSettings {
  /// The same for the transport.
  func configuration(_ logger: Logger) -> ServerConfiguration {
    var configuration = ServerConfiguration(logger: logger)
    (configuration.host, configuration.port) = (listen.host, listen.port)
    configuration.socketPath = listen.socketPath
    configuration.socketMode = socketMode.bits
    configuration.tls = tls
    configuration.maxConcurrentStreams = limits.callsPerConnectionMax
    configuration.maxConnections = limits.connectionsMax
    configuration.connection.ageMax = limits.connectionAgeMax
    configuration.connection.idleMax = limits.connectionIdleMax
    return configuration
  }
}
