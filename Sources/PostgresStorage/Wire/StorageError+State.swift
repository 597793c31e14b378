import CapacityEngine

/// Where PostgreSQL's error codes become the port's errors.
extension StorageError {
  /// - Parameter state: five characters, https://www.postgresql.org/docs/15/errcodes-appendix.html; empty: the connection
  ///   itself failed.
  init(state: String, message: String) {
    let text = message.split(separator: "\n").joined(separator: "; ")
    self.init(
      StorageError.kind(of: state), "PostgreSQL \(state.isEmpty ? "connection" : state): \(text)")
  }

  /// Whether after this error another server may have become the one to talk to, or this one has let go of us.
  static func endsConnection(_ state: String) -> Bool {
    // Read-only: it is a standby now. Class 57: it is going down or has thrown us out; cancelled is a statement only.
    state.isEmpty || state == "25006" || state.hasPrefix("08")
      || (state.hasPrefix("57") && state != "57014") || state == "25P03"
  }

  private static func kind(of state: String) -> Kind {
    switch state {
    // Serialization failure, deadlock; a row is there that must not be.
    case "40001", "40P01", "23505": return .conflict
    case "25006", "25P02", "25P03": return .unavailable
    default: break
    }
    return switch state.prefix(2) {
    // Data, constraints, transaction states, names and grammar that do not fit: another schema than ours.
    case "0A", "21", "22", "23", "25", "26", "3D", "3F", "42": .corrupt
    // Connection, lock time-outs, resources, operators, system errors: it may work again.
    default: .unavailable
    }
  }
}
