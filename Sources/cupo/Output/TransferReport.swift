internal import CapacityEngine

/// What `cupo export` and `cupo import` print.
enum TransferReport {
  static func exported(_ tally: TransferTally, _ file: String) -> String {
    "\(file) has \(contents(tally))"
  }

  static func imported(_ tally: TransferTally, _ storage: String) -> String {
    "\(storage) has \(contents(tally)), as the export says"
  }

  static func json(_ tally: TransferTally, _ name: String) -> JSONValue {
    .object([
      .init("name", .string(name)),
      .init("records", .number("\(tally.recordsCount)")),
      .init("events", .number("\(tally.eventsCount)")),
      .init("pools", .number("\(tally.poolsCount)")),
      .init("reservations", .number("\(tally.reservationsCount)")),
      .init("keys", .number("\(tally.keysCount)")),
    ])
  }

  private static func contents(_ tally: TransferTally) -> String {
    "\(tally.eventsCount) events, \(tally.poolsCount) pools, \(tally.reservationsCount) reservations, "
      + "\(tally.keysCount) keys"
  }
}
