internal import RPCSchema

/// Which services take calls, and who watches them. A machine without I/O; watchers are known by number.
struct HealthState {
  typealias Status = HealthCheckResponse.ServingStatus

  private var statuses: [String: Status]
  private(set) var isStopped = false

  init(services: [String]) {
    statuses = Dictionary(services.map { ($0, .serving) }, uniquingKeysWith: { first, _ in first })
  }

  /// The status of a service, or with an empty name of all together; nil for a service that there is not.
  func status(of service: String) -> Status? {
    if service.isEmpty {
      return isStopped || statuses.values.contains { $0 != .serving } ? .notServing : .serving
    }
    guard let status = statuses[service] else { return nil }
    return isStopped ? .notServing : status
  }

  /// Whether `services` take calls from now on.
  mutating func set(_ services: [String], isServing: Bool) {
    for service in services { statuses[service] = isServing ? .serving : .notServing }
  }

  /// Nothing takes calls any more, whatever is set later.
  mutating func stop() {
    isStopped = true
  }
}
