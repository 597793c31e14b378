internal import ArgumentParser
internal import CapacityAPI

/// What a server lets its callers ask for.
struct ServeLimitOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "How often callers may call, one rule a line: ROLE RPC RATE [BURST], as in: buyer Reserve 2/s 5. Absent: as often as they like.",
      valueName: "file"))
  var rateLimits: String?

  @Option(help: "Calls that one connection may have open at once, 1 to 10000.")
  var maxCallsPerConnection = 1_000

  @Option(help: "Connections at once; more wait until others have closed. 1 to 1000000.")
  var maxConnections = 16_384

  @Option(help: "End connections politely that are older than this, as in 1h. Absent: never.")
  var maxConnectionAge: DurationArgument?

  @Option(help: "End connections politely that have had no call for so long. Absent: never.")
  var maxConnectionIdle: DurationArgument?

  @Option(help: "How long calls wait for their turn that have no deadline, 1s to 10m.")
  var maxQueueWait = DurationArgument(milliseconds: 10_000)

  func validate() throws {
    guard (1...10_000).contains(maxCallsPerConnection) else {
      throw ValidationError("--max-calls-per-connection is between 1 and 10000.")
    }
    guard (1...1_000_000).contains(maxConnections) else {
      throw ValidationError("--max-connections is between 1 and 1000000.")
    }
    for (name, value) in [
      ("--max-connection-age", maxConnectionAge), ("--max-connection-idle", maxConnectionIdle),
    ] {
      guard value.map({ $0.milliseconds >= 1_000 }) ?? true else {
        throw ValidationError("\(name) is 1s or more.")
      }
    }
    guard (1_000...600_000).contains(maxQueueWait.milliseconds) else {
      throw ValidationError("--max-queue-wait is between 1s and 10m.")
    }
  }

  /// Reads the file of rules.
  func settings() throws(Failure) -> LimitSettings {
    var settings = LimitSettings()
    settings.callsPerConnectionMax = maxCallsPerConnection
    settings.connectionsMax = maxConnections
    settings.connectionAgeMax = maxConnectionAge?.duration
    settings.connectionIdleMax = maxConnectionIdle?.duration
    settings.patience = maxQueueWait.duration
    guard let rateLimits else { return settings }
    do throws(FileBytes.Unreadable) {
      let bytes = try FileBytes.read(rateLimits, bytesMax: 1_024 * 1_024)
      guard let text = String(validating: bytes, as: UTF8.self) else {
        throw FileBytes.Unreadable(text: "\(rateLimits) is not UTF-8")
      }
      do throws(RateRules.Fault) {
        settings.rates = try RateRules(text: text)
      } catch {
        throw FileBytes.Unreadable(text: "\(rateLimits): \(error.text)")
      }
    } catch {
      throw Failure(.usage, error.text)
    }
    return settings
  }
}
