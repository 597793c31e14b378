import Capacity

/// One who reserves, pays and gives back, and never trusts an answer to arrive.
struct Client {
  /// Requests that it may send again at any time.
  static let sentMax = 40
  static let knownMax = 40

  let index: Int
  var sent: [Request] = []
  /// Reservations that it was told of.
  var known: [UInt64] = []

  init(_ index: Int) {
    self.index = index
  }

  var buyer: String { "b\(index)" }

  mutating func remember(_ request: Request) {
    sent.append(request)
    if sent.count > Self.sentMax { sent.removeFirst() }
  }

  /// Takes note of an answer: a key stands for one reservation for ever.
  mutating func hear(_ outcome: Outcome, to request: Request) throws(Broken) {
    guard let reservation = outcome.reservation else { return }
    if case .reserved = outcome {
      if let first = request.firstNumber, first != reservation.number {
        throw Broken("I5", "one key stands for \(first) and \(reservation.number)")
      }
      request.firstNumber = reservation.number
      if !known.contains(reservation.number) { known.append(reservation.number) }
    }
    if known.count > Self.knownMax { known.removeFirst() }
  }
}

extension Outcome {
  /// The reservation that it tells of.
  var reservation: Reservation? {
    switch self {
    case .reserved(let reservation, _), .consumed(let reservation, _),
      .released(let reservation, _), .extended(let reservation, _),
      .cancelled(let reservation, _):
      reservation
    case .resource, .product, .adjusted, .rejected: nil
    }
  }
}
