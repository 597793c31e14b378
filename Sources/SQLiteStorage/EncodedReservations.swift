import Capacity
import CapacityEngine

/// The bodies of the reservations that a batch has changed: each is encoded once, for its row and for the event about it.
struct EncodedReservations {
  private var bytes: [UInt8] = []
  private var numbers: [UInt64] = []
  private var entries: [(version: UInt64, end: Int)] = []

  mutating func removeAll() {
    bytes.removeAll(keepingCapacity: true)
    numbers.removeAll(keepingCapacity: true)
    entries.removeAll(keepingCapacity: true)
  }

  /// Adds the body of `reservation`, whose number is above all that are here.
  mutating func append(_ reservation: Reservation, _ body: [UInt8]) {
    bytes.append(contentsOf: body)
    numbers.append(reservation.number)
    entries.append((reservation.version, bytes.count))
  }

  /// The body of `reservation` in this state of it; nil: what is here, if anything, is another state.
  func body(of reservation: Reservation) -> ArraySlice<UInt8>? {
    let index = numbers.firstIndex(from: reservation.number)
    guard index < numbers.count, numbers[index] == reservation.number,
      entries[index].version == reservation.version
    else { return nil }
    let body = bytes[(index == 0 ? 0 : entries[index - 1].end)..<entries[index].end]
    // Every change of a reservation gives it a version.
    assert(body.elementsEqual(fresh(reservation)), "two states of one version")
    return body
  }

  private func fresh(_ reservation: Reservation) -> [UInt8] {
    var body: [UInt8] = []
    RecordCodec.encode(reservation, into: &body)
    return body
  }
}
