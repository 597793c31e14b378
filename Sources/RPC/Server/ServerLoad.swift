/// What a server has open at a moment. All is zero again when nobody is connected: what stays is a leak.
package struct ServerLoad: Sendable, Equatable {
  package var connections = 0
  /// HTTP/2 streams that are not closed, of all connections.
  package var streams = 0
  /// Handlers that have begun and not ended, also those whose call is over.
  package var handlers = 0

  /// Connections that are in memory, also those that are closed and not let go.
  package var retainedConnections = 0

  package init() {}
}
