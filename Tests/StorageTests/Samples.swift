import Capacity
import CapacityEngine

/// Records to write, told apart by their numbers.
enum Samples {
  static func reservation(_ number: UInt64, holding: Bool = true) -> Reservation {
    let pool = PoolKey(resourceID: "res-\(number % 7)", ordinal: Int64(number % 13))
    var reservation = Reservation(
      number: number, buyerID: "buyer-\(number % 11)", reference: "order-\(number)",
      idempotencyKey: "key-\(number)", requestedTTL: Interval(seconds: 60),
      lines: [
        ReservationLine(
          productID: "product", sellerID: "seller", slot: "2026-11-21", quantity: 2,
          draws: [FrozenDraw(pool: pool, units: 1)])
      ],
      createdAt: Instant(seconds: 1_700_000_000), expiresAt: Instant(seconds: 1_700_000_060))
    if !holding {
      reservation.state = .consumed
      reservation.closedAt = Instant(seconds: 1_700_000_030)
    }
    return reservation
  }

  static func event(_ sequence: UInt64) -> Event {
    Event(
      sequence: sequence, kind: .reservationHeld, at: Instant(seconds: 1_700_000_000),
      subject: .reservation(reservation(sequence)),
      movements: [
        Movement(
          pool: PoolKey(resourceID: "res", ordinal: 1), held: 2,
          balance: Pool(held: 2, consumed: 0, revision: sequence))
      ],
      actor: "tester", reason: "because")
  }

  static func key(_ number: UInt64) -> IdempotencyKey {
    IdempotencyKey(buyerID: "buyer-\(number % 11)", key: "key-\(number)")
  }

  static func resource(_ id: String, version: UInt64 = 1) -> Resource {
    var resource = Resource(
      id: id, sellerID: "seller", name: "Bänke & Stühle/2", timeZone: "Europe/Berlin",
      inventory: .stock(total: .units(10)))
    resource.version = version
    resource.closures = [
      Closure(
        id: "c", dates: DateRange(from: .first, to: .last), slots: ["a"], reason: .maintenance)
    ]
    return resource
  }

  static func product(_ id: String, version: UInt64 = 1) -> Product {
    var product = Product(id: id, sellerID: "seller", draws: [Draw(resourceID: "res", units: 3)])
    product.version = version
    product.holds.maxTTL = Interval(seconds: 5)
    return product
  }

  static func pool(_ revision: UInt64) -> Pool {
    Pool(held: 3, consumed: -2, revision: revision)
  }

  /// `count` reservations with as many events and keys, numbered from `first`.
  static func batch(from first: UInt64, count: Int) -> ChangeSet {
    let end = first + UInt64(count)
    var changes = ChangeSet(counters: StoreCounters(nextReservation: end, nextSequence: end))
    for number in first..<end {
      changes.reservations.append(reservation(number, holding: number % 3 != 0))
      changes.keys.append((key(number), number))
      changes.events.append(event(number))
    }
    return changes
  }
}

extension Storage {
  /// Begins a unit that reads nothing, and commits.
  func write(_ changes: ChangeSet) throws(StorageError) {
    try begin(reading: RecordNames()).commit(changes)
  }
}
