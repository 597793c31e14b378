internal import CupoSchema
internal import Protobuf

/// Reservations for people, one a line.
enum ReservationTable {
  /// - Parameter withNames: whether the columns are named first.
  static func lines(
    _ reservations: [Reservation], withNames: Bool, on terminal: Terminal
  ) -> [String] {
    var table = TextTable()
    if withNames {
      table.append(
        ["RESERVATION", "CODE", "STATE", "BUYER", "CREATED", "WHAT"].map { TextTable.Cell($0) })
    }
    for reservation in reservations {
      table.append([
        .init(reservation.reservationID), .init(reservation.code), .init("\(reservation.state)"),
        .init(reservation.buyerID),
        .init(reservation.createdAt.map { TimestampText.format($0) } ?? "-"),
        .init(what(reservation)),
      ])
    }
    return table.lines(on: terminal)
  }

  private static func what(_ reservation: Reservation) -> String {
    reservation.lines.map { line in
      "\(line.quantity) x \(line.productID)" + (line.slot.isEmpty ? "" : "@\(line.slot)")
    }.joined(separator: ", ")
  }
}
