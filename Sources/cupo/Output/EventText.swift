internal import CupoSchema

/// One event as one line for people.
enum EventText {
  static func line(_ event: Event, on terminal: Terminal) -> String {
    let type = EventTypeArgument.name(of: event.type)
    var parts = ["\(event.sequence)", event.at.map { TimestampText.format($0) } ?? "-"]
    parts.append(color(event.type).paint(type, on: terminal))
    if !event.subject.isEmpty { parts.append(event.subject) }
    if let reservation = event.reservation { parts.append(reservation.code) }
    if !event.triggerID.isEmpty { parts.append(event.triggerID) }
    if !event.actor.isEmpty { parts.append("by \(event.actor)") }
    let moves = zip(event.movements, event.balances).map { movement($0, $1) }
    return ([parts.joined(separator: " ")] + moves).joined(separator: " · ")
  }

  private static func movement(_ movement: Movement, _ balance: PoolBalance) -> String {
    let name =
      movement.slot.isEmpty ? movement.resourceID : "\(movement.resourceID)@\(movement.slot)"
    let changes = [("limit", movement.limit), ("held", movement.held), ("sold", movement.consumed)]
      .filter { $0.1 != 0 }
      .map { "\($0.0) \($0.1 > 0 ? "+" : "")\($0.1)" }
    let balance = "(held \(balance.held), sold \(balance.consumed))"
    return ([name] + changes + [balance]).joined(separator: " ")
  }

  private static func color(_ type: EventType) -> TextColor {
    switch type {
    case .reservationHeld, .reservationExtended: .yellow
    case .reservationConsumed: .green
    case .reservationReleased, .reservationExpired: .gray
    case .reservationCancelled, .capacityOvercommitted, .repaired: .red
    default: .cyan
    }
  }
}
