import Capacity
import SeededRandom

/// Random records of every shape.
enum Generated {
  static func reservation(_ random: inout SplitMix) -> Reservation {
    var reservation = Reservation(
      number: .random(in: 1...(.max / 2), using: &random), buyerID: text(&random),
      reference: text(&random), idempotencyKey: text(&random),
      requestedTTL: maybe(&random) { Interval(microseconds: number(&$0)) },
      lines: list(1...4, &random) { line(&$0) }, createdAt: instant(&random),
      expiresAt: instant(&random))
    reservation.state = Reservation.State.allCases.randomElement(using: &random) ?? .held
    reservation.closedAt = maybe(&random) { instant(&$0) }
    reservation.version = .random(in: 1...(.max), using: &random)
    reservation.extensions = Int.random(in: 0...100, using: &random)
    reservation.reacquired = Bool.random(using: &random)
    reservation.requests = list(0...3, &random) { request(&$0) }
    return reservation
  }

  static func event(_ kind: Event.Kind, _ random: inout SplitMix) -> Event {
    let subject: Event.Subject =
      switch kind {
      case .resourceChanged: .resource(Samples.resource(text(&random)))
      case .productChanged: .product(Samples.product(text(&random)))
      case .capacityOvercommitted, .stockAdjusted, .repaired: .pool(resourceID: text(&random))
      default: .reservation(reservation(&random))
      }
    return Event(
      sequence: .random(in: 1...(.max / 2), using: &random), kind: kind, at: instant(&random),
      subject: subject, movements: list(0...3, &random) { movement(&$0) }, actor: text(&random),
      reason: text(&random))
  }

  private static func line(_ random: inout SplitMix) -> ReservationLine {
    var line = ReservationLine(
      productID: text(&random), sellerID: text(&random), slot: text(&random),
      quantity: number(&random), draws: list(1...3, &random) { draw(&$0) },
      pricing: Pricing(
        adjustmentBasisPoints: Int.random(in: -10_000...10_000, using: &random),
        triggerIDs: list(0...2, &random) { text(&$0) }))
    line.held = number(&random)
    line.consumed = number(&random)
    line.released = number(&random)
    line.expired = number(&random)
    line.cancelled = number(&random)
    return line
  }

  private static func draw(_ random: inout SplitMix) -> FrozenDraw {
    FrozenDraw(pool: pool(&random), units: number(&random))
  }

  private static func request(_ random: inout SplitMix) -> AppliedRequest {
    AppliedRequest(
      id: text(&random), action: AppliedRequest.Action.allCases.randomElement(using: &random)!,
      amounts: list(0...3, &random) {
        LineAmount(line: Int.random(in: 0...31, using: &$0), quantity: number(&$0))
      },
      ttl: maybe(&random) { Interval(microseconds: number(&$0)) })
  }

  private static func movement(_ random: inout SplitMix) -> Movement {
    Movement(
      pool: pool(&random), limit: number(&random), held: number(&random),
      consumed: number(&random),
      balance: Pool(
        held: number(&random), consumed: number(&random),
        revision: .random(in: 0...(.max), using: &random)))
  }

  private static func pool(_ random: inout SplitMix) -> PoolKey {
    PoolKey(resourceID: text(&random), ordinal: number(&random))
  }

  private static func instant(_ random: inout SplitMix) -> Instant {
    Instant(microseconds: number(&random))
  }

  // Small, great and negative numbers alike.
  private static func number(_ random: inout SplitMix) -> Int64 {
    Int64.random(in: .min...(.max), using: &random) >> Int64.random(in: 0...63, using: &random)
  }

  private static func text(_ random: inout SplitMix) -> String {
    let letters = Array("abcXYZ019-_ ñé日🛶")
    return String(
      (0..<Int.random(in: 0...20, using: &random)).map { _ in
        letters.randomElement(using: &random)!
      })
  }

  private static func maybe<Value>(
    _ random: inout SplitMix, _ make: (inout SplitMix) -> Value
  ) -> Value? {
    Bool.random(using: &random) ? make(&random) : nil
  }

  private static func list<Value>(
    _ counts: ClosedRange<Int>, _ random: inout SplitMix, _ make: (inout SplitMix) -> Value
  ) -> [Value] {
    var values: [Value] = []
    for _ in 0..<Int.random(in: counts, using: &random) { values.append(make(&random)) }
    return values
  }
}
