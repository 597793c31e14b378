internal import ArgumentParser
internal import Logging

/// A log level by its name in lower case.
struct LogLevelArgument: ExpressibleByArgument, Equatable {
  let level: Logger.Level

  init(level: Logger.Level) {
    self.level = level
  }

  init?(argument: String) {
    guard let level = Logger.Level(rawValue: argument) else { return nil }
    self.level = level
  }

  /// As the help shows a default.
  var defaultValueDescription: String { level.rawValue }
}
