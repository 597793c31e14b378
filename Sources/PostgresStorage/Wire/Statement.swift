/// A statement that a connection prepares when it first runs it.
struct Statement: Sendable {
  /// How the connection knows it; no two statements share it.
  let name: String
  let sql: String

  init(_ name: String, _ sql: String) {
    self.name = name
    self.sql = sql
  }
}

/// A statement with its values, ready to be sent.
struct Query: Sendable {
  let sql: String
  /// Empty: it is not worth preparing.
  let name: String
  var values: Values

  init(_ statement: Statement, _ values: Values = Values()) {
    sql = statement.sql
    name = statement.name
    self.values = values
  }

  /// A statement that runs once.
  init(once sql: String, _ values: Values = Values()) {
    self.sql = sql
    name = ""
    self.values = values
  }
}
