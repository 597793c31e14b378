internal import CupoSchema

/// The deadlines that the contract gives to methods, by path.
enum Deadlines {
  private static let table: [String: Duration] = {
    var table: [String: Duration] = [:]
    for entry in MethodEntry.all where entry.contract.defaultDeadlineMilliseconds > 0 {
      table[entry.path] = .milliseconds(entry.contract.defaultDeadlineMilliseconds)
    }
    return table
  }()

  /// How long a call may take that says nothing itself; nil: without end.
  static func of(_ path: String) -> Duration? { table[path] }
}
