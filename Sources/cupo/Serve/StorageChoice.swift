internal import ArgumentParser
internal import PostgresStorage

/// Where a server keeps what it knows.
enum StorageChoice: ExpressibleByArgument, Equatable, CustomStringConvertible {
  /// One SQLite file.
  case sqlite(path: String)
  /// A PostgreSQL database, for any number of servers together.
  case postgres(PostgresAddress)
  /// Nowhere: it forgets when it ends.
  case memory

  init?(argument: String) {
    if argument == "memory:" {
      self = .memory
    } else if argument.hasPrefix("sqlite:"), argument.count > "sqlite:".count {
      self = .sqlite(path: String(argument.dropFirst("sqlite:".count)))
    } else if let address = PostgresAddress(argument) {
      self = .postgres(address)
    } else {
      return nil
    }
  }

  /// As it is given, and as the ready line says it; without passwords.
  var description: String {
    switch self {
    case .sqlite(let path): "sqlite:\(path)"
    case .postgres(let address): "\(address)"
    case .memory: "memory:"
    }
  }
}
