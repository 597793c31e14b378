package import Capacity

/// The bytes in which stores keep reservations, events and the catalogue.
///
/// Not for the wire: callers see Protobuf. The one thing to know before changing it: stores outlive programs, so a byte
/// that was ever written must be readable for ever. The first byte of a body is the version of its format; a new format
/// gets a new version and the old decoder stays. Numbers are varints (LEB128), signed ones zigzag, strings and lists go
/// behind their count. Resources and products are JSON text, rare and readable by operators.
package enum RecordCodec {
  /// The version that is written.
  static let version: UInt8 = 1

  // MARK: Reservations

  /// Appends the body of `reservation` to `bytes`; allocates only where `bytes` has no room.
  package static func encode(_ reservation: Reservation, into bytes: inout [UInt8]) {
    bytes.append(version)
    RecordWriter.append(reservation, to: &bytes)
  }

  /// Reads what `encode` wrote.
  ///
  /// - Throws: `corrupt` for any other bytes.
  package static func decodeReservation(_ bytes: [UInt8]) throws(StorageError) -> Reservation {
    var reader = RecordReader(bytes, what: "reservation")
    try reader.version(version)
    let reservation = try reader.reservation()
    try reader.end()
    return reservation
  }

  // MARK: Events

  /// Appends the body of `event` to `bytes`; allocates only where `bytes` has no room, or for a catalogue record.
  ///
  /// - Parameter body: of the reservation that the event is about, where it was encoded already.
  /// - Throws: `corrupt` for a catalogue record that is not JSON.
  package static func encode(
    _ event: Event, having body: ArraySlice<UInt8>? = nil, into bytes: inout [UInt8]
  ) throws(StorageError) {
    bytes.append(version)
    try RecordWriter.append(event, having: body?.dropFirst(), to: &bytes)
  }

  /// Reads what `encode` wrote.
  ///
  /// - Throws: `corrupt` for any other bytes.
  package static func decodeEvent(_ bytes: [UInt8]) throws(StorageError) -> Event {
    var reader = RecordReader(bytes, what: "event")
    try reader.version(version)
    let event = try reader.event()
    try reader.end()
    return event
  }
}
