internal import Capacity
internal import CapacityEngine
internal import CupoSchema
internal import Protobuf
internal import RPCSchema

/// The answer to a batch as it grows, one outcome after another, within what a client takes as one message.
///
/// Reservations of 32 lines, and the details of as many failures, can be more than that a thousand times over. What has happened
/// has happened by then, so the last outcomes are told in short instead; there is always room for that.
struct BatchAnswer {
  /// What gRPC clients take as one message unless they are told otherwise.
  static let bytesMax = 4 * 1_024 * 1_024
  /// An outcome in short is never longer.
  static let abridgedBytesMax = 1_024

  private(set) var response = BatchReserveResponse()
  private let count: Int
  private let language: Language
  private let naming: ReservationNaming
  private var bytes = 0

  /// - Parameter count: how many outcomes there will be, at most 1,000.
  init(count: Int, language: Language, naming: ReservationNaming) {
    self.count = count
    self.language = language
    self.naming = naming
    response.outcomes.reserveCapacity(count)
  }

  mutating func add(_ reservation: Capacity.Reservation, replayed: Bool) {
    var message = reservation.message(naming)
    var outcome = ReserveOutcome()
    if !takes(message.bytesBound) {
      message.lines = []
      message.reference = ""
      outcome.abridged = true
    }
    var response = ReserveResponse()
    response.reservation = message
    response.replayed = replayed
    outcome.outcome = .reserved(response)
    self.response.outcomes.append(outcome)
  }

  mutating func add(_ refusal: Refusal) {
    var outcome = ReserveOutcome()
    var error = refusal.reserveError(in: language)
    if !takes(error.bytesBound) {
      error = refusal.abridged.reserveError(in: language)
      error.details = Array(error.details.prefix(1))
      outcome.abridged = true
    }
    outcome.outcome = .error(error)
    response.outcomes.append(outcome)
  }

  // Whether there is room for so much, and after it for all others in short.
  private mutating func takes(_ bound: Int) -> Bool {
    let others = count - response.outcomes.count - 1
    let isWhole = bytes + bound + others * Self.abridgedBytesMax <= Self.bytesMax
    bytes += isWhole ? bound : Self.abridgedBytesMax
    return isWhole
  }
}

extension Refusal {
  /// The same without what each field and line has to say, and with the first particulars only.
  fileprivate var abridged: Refusal {
    Refusal(reason, Array(metadata.prefix(2)))
  }

  fileprivate func reserveError(in language: Language) -> ReserveError {
    let status = message(in: language)
    var error = ReserveError()
    error.code = status.code
    error.message = status.message
    error.details = status.details
    error.reason = reason
    return error
  }
}

// What a message takes on the wire at most: its texts, and for everything else what the longest tags, lengths and numbers take.
extension CupoSchema.Reservation {
  fileprivate var bytesBound: Int {
    let texts = reservationID.utf8.count + code.utf8.count + buyerID.utf8.count
    return lines.reduce(192 + texts + reference.utf8.count) { $0 + $1.bytesBound }
  }
}

extension ReservedLine {
  fileprivate var bytesBound: Int {
    let texts = productID.utf8.count + slot.utf8.count + sellerID.utf8.count
    return pricingTriggerIDs.reduce(80 + texts) { $0 + $1.utf8.count + 6 }
  }
}

extension ReserveError {
  fileprivate var bytesBound: Int {
    details.reduce(48 + message.utf8.count) {
      $0 + $1.typeURL.utf8.count + $1.value.count + 24
    }
  }
}
