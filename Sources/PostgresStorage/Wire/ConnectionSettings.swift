/// How connections are made, and how long they wait for anything.
package struct ConnectionSettings: Sendable {
  var address: PostgresAddress
  /// Where the tables are. Lower-case letters, digits and underscores.
  var schema: String
  /// A connection that is not there after so long is given up.
  var connectMilliseconds = 5_000
  /// So long a batch waits for other nodes to let go of the lane.
  var lockMilliseconds = 5_000
  /// So long the database works on one statement.
  var statementMilliseconds = 15_000
  /// A node that holds the lane and stops in the middle loses it after so long.
  var idleMilliseconds = 10_000
  /// When nothing at all has come back after so long, the connection is given up.
  var answerMilliseconds = 20_000

  package init(_ address: PostgresAddress, schema: String = "cupo") {
    precondition(
      !schema.isEmpty
        && schema.utf8.allSatisfy {
          (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5F
        },
      "a schema's name is made of lower-case letters, digits and underscores")
    self.address = address
    self.schema = schema
  }

  /// For what is done once and may take long, such as changing tables.
  package var patient: ConnectionSettings {
    var settings = self
    settings.lockMilliseconds = 60_000
    settings.statementMilliseconds = 3_600_000
    settings.idleMilliseconds = 3_600_000
    settings.answerMilliseconds = 3_600_000
    return settings
  }
}
