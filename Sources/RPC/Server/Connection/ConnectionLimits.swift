/// How long a server bears with a connection. Names and defaults follow what gRPC's servers do, where they have the like.
package struct ConnectionLimits: Sendable, Equatable {
  /// A connection from which nothing has come for so long is asked for a sign of life; nil: never.
  package var keepaliveInterval: Duration? = .seconds(7_200)
  /// How long the answer may take before the connection is closed.
  package var keepaliveTimeout: Duration = .seconds(20)
  /// Pings that a client sends faster than this are too fast, unless we have sent something between them.
  package var pingIntervalMin: Duration = .seconds(300)
  /// Whether a client may ping at that rate while it has no call; if not, once in two hours.
  package var permitsPingsWithoutCalls = false
  /// How many pings may be too fast; one more ends the connection with ENHANCE_YOUR_CALM, `too_many_pings`.
  package var pingStrikesMax = 2
  /// A connection older than this (give or take a tenth, so that not all of them go at once) is drained; nil: never.
  package var ageMax: Duration?
  /// How long its calls may go on then before they are ended; nil: as long as they like.
  package var ageGrace: Duration?
  /// A connection without calls for so long is drained; nil: never.
  package var idleMax: Duration?
  /// From the beginning of a connection to the client's preface and settings.
  package var settingsTimeout: Duration = .seconds(20)
  /// From the first byte of a header block, or of any frame but DATA, to its last.
  package var headersTimeout: Duration = .seconds(10)
  /// How long a request that has begun may go without a byte before its stream is reset.
  package var requestStallTimeout: Duration = .seconds(60)
  /// How long a client may keep its window, or its socket, closed while there is something for it.
  package var responseStallTimeout: Duration = .seconds(300)
  /// Bytes of answers that may wait on one connection; beyond, new calls are refused, safe to try again.
  package var queuedBytesMax = 16 * 1_024 * 1_024

  package init() {}
}
