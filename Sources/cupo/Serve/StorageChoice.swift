internal import ArgumentParser

/// Where a server keeps what it knows.
enum StorageChoice: ExpressibleByArgument, Equatable, CustomStringConvertible {
  /// One SQLite file.
  case sqlite(path: String)
  /// Nowhere: it forgets when it ends.
  case memory

  init?(argument: String) {
    if argument == "memory:" {
      self = .memory
    } else if argument.hasPrefix("sqlite:"), argument.count > "sqlite:".count {
      self = .sqlite(path: String(argument.dropFirst("sqlite:".count)))
    } else {
      return nil
    }
  }

  /// As it is given, and as the ready line says it.
  var description: String {
    switch self {
    case .sqlite(let path): "sqlite:\(path)"
    case .memory: "memory:"
    }
  }
}
