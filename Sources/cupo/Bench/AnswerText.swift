/// What the generator reads of an answer: ids and counts, from the wire form, without decoding the message.
enum AnswerText {
  /// The id in a ReserveResponse, with gRPC's prefix before it; nil: there is none.
  static func reservationID(_ body: Span<UInt8>) -> [UInt8]? {
    reservationID(body, BenchFrame.prefixBytes..<max(body.count, BenchFrame.prefixBytes))
  }

  /// Calls `visit` with the id of each outcome of a BatchReserveResponse that is a reservation.
  static func visitReservations(_ body: Span<UInt8>, _ visit: ([UInt8]) -> Void) {
    visitReserved(body) { response in
      if let id = reservationID(body, response) { visit(id) }
    }
  }

  /// How many outcomes of a BatchReserveResponse are reservations.
  static func reservationsCount(_ body: Span<UInt8>) -> Int {
    var count = 0
    visitReserved(body) { _ in count += 1 }
    return count
  }

  // outcomes = 1, reserved = 1
  private static func visitReserved(_ body: Span<UInt8>, _ visit: (Range<Int>) -> Void) {
    fields(body, BenchFrame.prefixBytes..<max(body.count, BenchFrame.prefixBytes)) {
      number, outcome in
      guard number == 1 else { return }
      fields(body, outcome) { number, response in
        if number == 1 { visit(response) }
      }
    }
  }

  // reservation = 1, reservation_id = 1
  private static func reservationID(_ body: Span<UInt8>, _ response: Range<Int>) -> [UInt8]? {
    var id: [UInt8]?
    fields(body, response) { number, reservation in
      guard number == 1, id == nil else { return }
      fields(body, reservation) { number, text in
        if number == 1 { id = text.map { body[$0] } }
      }
    }
    return id
  }

  // Tells the fields of wire type LEN; stops at damage.
  private static func fields(
    _ bytes: Span<UInt8>, _ range: Range<Int>, _ visit: (Int, Range<Int>) -> Void
  ) {
    var place = range.lowerBound
    while let tag = number(bytes, &place, range.upperBound) {
      switch tag & 7 {
      case 0: guard number(bytes, &place, range.upperBound) != nil else { return }
      case 1: place += 8
      case 5: place += 4
      case 2:
        guard let length = number(bytes, &place, range.upperBound),
          length <= range.upperBound - place
        else { return }
        visit(tag >> 3, place..<place + length)
        place += length
      default: return
      }
    }
  }

  private static func number(_ bytes: Span<UInt8>, _ place: inout Int, _ end: Int) -> Int? {
    var (value, shift) = (0, 0)
    while place < end, shift < 63 {
      let byte = bytes[place]
      place += 1
      value |= Int(byte & 0x7f) << shift
      if byte < 0x80 { return value }
      shift += 7
    }
    return nil
  }
}
