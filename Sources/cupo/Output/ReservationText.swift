internal import CupoSchema
internal import Protobuf

/// A reservation for people.
enum ReservationText {
  /// - Parameter now: seconds since 1970, to say how long a hold still has.
  static func lines(_ reservation: Reservation, now: Int64, on terminal: Terminal) -> [String] {
    var lines = [
      "\(reservation.reservationID)  \(reservation.code)  "
        + color(reservation.state).paint("\(reservation.state)", on: terminal)
    ]
    let facts = [("buyer", reservation.buyerID), ("reference", reservation.reference)]
    for (name, value) in facts where !value.isEmpty { lines.append("  \(name): \(value)") }
    if let expiry = reservation.expiresAt, reservation.state == .held {
      let left = DurationText.rough(seconds: max(0, expiry.seconds - now))
      lines.append("  expires: \(TimestampText.format(expiry)) (in \(left))")
    } else if let closed = reservation.closedAt {
      lines.append("  closed: \(TimestampText.format(closed))")
    }
    lines.append("  version: \(reservation.version)")
    return lines + table(reservation).lines(on: terminal).map { "  " + $0 }
  }

  private static func table(_ reservation: Reservation) -> TextTable {
    var table = TextTable()
    let names = ["LINE", "PRODUCT", "SLOT", "QUANTITY", "HELD", "SOLD", "RELEASED"]
    table.append(names.enumerated().map { TextTable.Cell($1, isRight: $0 > 2) })
    for (index, line) in reservation.lines.enumerated() {
      let numbers = [line.quantity, line.held, line.consumed, line.released]
      table.append(
        [.init("\(index)"), .init(line.productID), .init(line.slot.isEmpty ? "-" : line.slot)]
          + numbers.map { .init("\($0)", isRight: true) })
    }
    return table
  }

  private static func color(_ state: ReservationState) -> TextColor {
    switch state {
    case .held: .yellow
    case .consumed: .green
    case .cancelled: .red
    default: .gray
    }
  }
}
