internal import HTTP2
package import Logging

/// How a server listens and what it allows.
package struct ServerConfiguration: Sendable {
  /// The address to bind.
  package var host = "127.0.0.1"
  /// The port to bind; 0 takes a free one.
  package var port = 0
  /// Instead of host and port: the path of a Unix domain socket.
  package var socketPath: String?
  /// Who may connect to the socket, as a file mode: its owner.
  package var socketMode: UInt16 = 0o600
  /// How the server proves who it is; nil: no TLS.
  package var tls: ServerTLS?
  /// Threads that serve connections.
  package var eventLoopThreads = 1
  /// Calls that a connection may have open at once.
  package var maxConcurrentStreams = 1_000
  /// The longest message that is taken, bytes.
  package var maxMessageBytes = 4 * 1_024 * 1_024
  /// The largest metadata that are taken, bytes as RFC 9113, section 6.5.2 counts them.
  package var maxHeaderListBytes = 16 * 1_024
  /// Connections beyond this number, or beyond what the process has descriptors for, wait until others have closed.
  package var maxConnections = 16_384
  /// How long the server bears with a connection.
  package var connection = ConnectionLimits()
  /// For what happens to the server as a whole; calls are not logged, and frames at level trace only.
  package var logger: Logger

  /// Without `logger` nothing is logged.
  package init(logger: Logger? = nil) {
    self.logger = logger ?? Logger(label: "rpc") { _ in SwiftLogNoOpLogHandler() }
  }

  var sessionLimits: SessionLimits {
    var limits = SessionLimits()
    limits.concurrentStreamsMax = UInt32(maxConcurrentStreams)
    limits.headerListBytesMax = maxHeaderListBytes
    limits.resetBurst = max(limits.resetBurst, maxConcurrentStreams)
    return limits
  }
}
