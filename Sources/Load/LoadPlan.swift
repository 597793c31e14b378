/// What a run is to do.
package struct LoadPlan: Sendable {
  /// Where the server is.
  package enum Address: Sendable {
    case host(String, port: Int)
    /// The path of a Unix domain socket.
    case socket(String)
  }

  package var address: Address
  /// The methods that calls name by their place here, as `/package.Service/Method`.
  package var paths: [String]
  /// Sent with every call; nil: none.
  package var token: String?
  /// Calls at once, over all connections; one connection takes as many as the server lets it, 1,000 for Cupo.
  package var inFlight = 1
  /// Connections, at most `inFlight`.
  package var connections = 1
  /// How long calls go before they count.
  package var warmUp: Duration = .seconds(1)
  /// How long calls count.
  package var duration: Duration = .seconds(10)
  /// Calls each second, whether or not answers come (an open loop); nil: the next one when one is answered (a closed loop).
  package var ratePerSecond: Double?
  /// How long callers wait, sent with each call; nil: as long as it takes. An open loop has callers that are many and wait for
  /// nobody then: one that finds no room on any connection when it comes is gone, and counts as unsent.
  package var deadline: Duration?
  /// Makes what the calls say; called on the loop that uses it.
  package var makeSource: @Sendable () -> any CallSource

  package init(
    address: Address, paths: [String], token: String?,
    makeSource: @escaping @Sendable () -> any CallSource
  ) {
    self.address = address
    self.paths = paths
    self.token = token
    self.makeSource = makeSource
  }

  /// How long a run waits at its end for answers that are still to come; those that do not are errors.
  static let patience: Duration = .seconds(10)
}

/// What came of a run.
package struct LoadResult: Sendable {
  /// From when a call was meant to be sent to its last byte, in nanoseconds; with a deadline only of those answered OK.
  package var latencies = Histogram()
  /// Calls that counted.
  package var calls = 0
  /// What these calls asked for: as much as `calls`, unless a call asks for several things.
  package var requests = 0
  /// Those of `requests` that did not get what they asked for.
  package var errors = 0
  /// Requests that got what they asked for, warm-up included.
  package var successesInAll = 0
  /// With a deadline: calls that were answered OK before it.
  package var inTime = 0
  /// Calls that the server would not take (status UNAVAILABLE).
  package var refused = 0
  /// Calls that the server gave up (status DEADLINE_EXCEEDED).
  package var late = 0
  /// Calls that found no room.
  package var unsent = 0
  /// How long calls counted, in seconds.
  package var seconds = 0.0
  /// Processor time that the generator took meanwhile, in seconds.
  package var generatorSeconds = 0.0
  /// What the first call that failed was told.
  package var firstError: String?

  package init() {}

  /// Calls answered in time, each second.
  package var goodput: Double { seconds > 0 ? Double(inTime) / seconds : 0 }

  package var requestsPerSecond: Double { seconds > 0 ? Double(requests) / seconds : 0 }
}
