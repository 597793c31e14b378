import Capacity

/// The bodies of the reservations that a batch has changed: each is encoded once, for its row and for the event about it.
struct EncodedReservations {
  private let reservations: [Reservation]
  // Theirs, side by side: to look at a reservation costs counting a reference.
  private let numbers: [UInt64]
  private var bytes: [UInt8] = []
  private var ends: [Int] = []

  /// What most take, so that there is room for all at once.
  private static let bytesOfMost = 192

  /// - Parameter reservations: by their numbers, ascending. Their bodies are appended in this order.
  init(_ reservations: [Reservation]) {
    self.reservations = reservations
    numbers = reservations.map { $0.number }
    bytes.reserveCapacity(reservations.count * Self.bytesOfMost)
    ends.reserveCapacity(reservations.count)
  }

  mutating func append(_ body: [UInt8]) {
    bytes.append(contentsOf: body)
    ends.append(bytes.count)
  }

  /// The body of `reservation`; nil where what is here, if anything, may be another state of it.
  func body(of reservation: Reservation) -> ArraySlice<UInt8>? {
    let number = reservation.number
    var (low, high) = (0, ends.count)
    while low < high {
      let middle = (low + high) / 2
      if numbers[middle] < number { low = middle + 1 } else { high = middle }
    }
    guard low < ends.count, reservations[low].isIdentical(to: reservation) else { return nil }
    return bytes[(low == 0 ? 0 : ends[low - 1])..<ends[low]]
  }
}
