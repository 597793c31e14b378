internal import Load

/// The same few calls again and again: reads.
final class RepeatedCalls: CallSource {
  let readsAnswers = false
  private let bodies: [[UInt8]]
  private var random = BenchRandom()

  /// - Parameter bodies: with gRPC's prefix.
  init(_ bodies: [[UInt8]]) {
    self.bodies = bodies
  }

  func next() -> LoadCall? {
    LoadCall(.init(method: 0), body: bodies[Int.random(in: bodies.indices, using: &random)])
  }

  func answered(_ call: LoadCall.Tag, isOK: Bool, body: Span<UInt8>) -> LoadTally {
    LoadTally(errors: isOK ? 0 : 1)
  }
}

/// One Reserve after another.
final class ReserveCalls: CallSource {
  let readsAnswers = false
  private let template: ReserveTemplate
  private var keys: BenchKeys
  private var random = BenchRandom()
  private var left: Int

  /// - Parameter limit: calls in all.
  init(_ template: ReserveTemplate, randomKeys: Bool, limit: Int = .max) {
    self.template = template
    left = limit
    keys = BenchKeys(isRandom: randomKeys)
  }

  func next() -> LoadCall? {
    guard left > 0 else { return nil }
    left -= 1
    return LoadCall(.init(method: 0), body: template.body(&keys, &random))
  }

  func answered(_ call: LoadCall.Tag, isOK: Bool, body: Span<UInt8>) -> LoadTally {
    LoadTally(errors: isOK ? 0 : 1)
  }
}

/// One BatchReserve after another; what it asks for is counted request by request.
final class BatchCalls: CallSource {
  let readsAnswers = true
  private let template: ReserveTemplate
  private let size: Int
  private var keys: BenchKeys
  private var random = BenchRandom()
  /// Told the id of each reservation.
  private let reserved: (([UInt8]) -> Void)?
  private var left: Int

  /// - Parameters:
  ///   - size: requests in a call.
  ///   - limit: calls in all.
  init(
    _ template: ReserveTemplate, size: Int, randomKeys: Bool, limit: Int = .max,
    reserved: (([UInt8]) -> Void)? = nil
  ) {
    self.template = template
    self.size = size
    self.reserved = reserved
    left = limit
    keys = BenchKeys(isRandom: randomKeys)
  }

  func next() -> LoadCall? {
    guard left > 0 else { return nil }
    left -= 1
    return LoadCall(.init(method: 0), body: template.body(&keys, &random))
  }

  func answered(_ call: LoadCall.Tag, isOK: Bool, body: Span<UInt8>) -> LoadTally {
    guard isOK else { return LoadTally(requests: size, errors: size) }
    if let reserved { AnswerText.visitReservations(body, reserved) }
    return LoadTally(requests: size, errors: size - AnswerText.reservationsCount(body))
  }
}

/// Consumes reservations, each once, until there are no more.
final class ConsumeCalls: CallSource {
  let readsAnswers = false
  private let bodies: ReservationBodies
  private var place = 0

  init(_ bodies: ReservationBodies) {
    self.bodies = bodies
  }

  func next() -> LoadCall? {
    guard place < bodies.count else { return nil }
    defer { place += 1 }
    return LoadCall(.init(method: 0), body: bodies.body(place))
  }

  func answered(_ call: LoadCall.Tag, isOK: Bool, body: Span<UInt8>) -> LoadTally {
    LoadTally(errors: isOK ? 0 : 1)
  }
}

/// Reserves, and then consumes 70 %, releases 20 % and lets 10 % expire.
final class LifecycleCalls: CallSource {
  /// The methods in ``LoadPlan/paths``.
  enum Method: Int {
    case reserve, consume, release
  }

  let readsAnswers = true
  private let template: ReserveTemplate
  private var keys: BenchKeys
  private var random = BenchRandom()
  private var waiting: [LoadCall] = []

  init(_ template: ReserveTemplate, randomKeys: Bool) {
    self.template = template
    keys = BenchKeys(isRandom: randomKeys)
  }

  func next() -> LoadCall? {
    waiting.popLast()
      ?? LoadCall(.init(method: Method.reserve.rawValue), body: template.body(&keys, &random))
  }

  func answered(_ call: LoadCall.Tag, isOK: Bool, body: Span<UInt8>) -> LoadTally {
    guard isOK, call.method == Method.reserve.rawValue else {
      return LoadTally(errors: isOK ? 0 : 1)
    }
    guard let id = AnswerText.reservationID(body) else { return LoadTally(errors: 1) }
    let dice = Int.random(in: 0..<10, using: &random)
    if dice < 9 {
      let method = dice < 7 ? Method.consume : .release
      waiting.append(LoadCall(.init(method: method.rawValue), body: ReservationBodies.body(id)))
    }
    return LoadTally()
  }
}

/// Requests that name a reservation and nothing else, in little memory.
struct ReservationBodies: Sendable {
  private var ids: [UInt8] = []
  private var ends: [Int] = []

  var count: Int { ends.count }

  mutating func append(_ id: [UInt8]) {
    ids += id
    ends.append(ids.count)
  }

  func body(_ index: Int) -> [UInt8] {
    Self.body(ids[(index > 0 ? ends[index - 1] : 0)..<ends[index]])
  }

  /// reservation_id = 1; an id has at most 64 bytes.
  static func body(_ id: some Collection<UInt8>) -> [UInt8] {
    let length = UInt8(id.count)
    return [0, 0, 0, 0, length + 2, 0x0a, length] + id
  }
}
