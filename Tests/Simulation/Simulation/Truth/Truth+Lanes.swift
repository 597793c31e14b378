import Capacity

/// Where a store has several lanes: what concerns which, and what the truth takes from the node, because only a node can know it.
extension Truth {
  /// A lane as the log has left it.
  struct LaneEnd {
    /// The last event that concerns it.
    var lastSequence: UInt64 = 0
    /// When something was last decided in it.
    var decidedAt = Instant(microseconds: 0)
  }

  var areLanesSeveral: Bool { lanes.count > 1 }

  func lanes(of sellers: some Sequence<String>) -> LaneSet {
    sellers.reduce(LaneSet()) { $0.union(LaneSet(sellerLanes[$1] ?? 0)) }
  }

  func lanes(of reservation: Reservation) -> LaneSet {
    lanes(of: reservation.lines.lazy.map(\.sellerID))
  }

  func lanes(of subject: Event.Subject) -> LaneSet {
    switch subject {
    case .reservation(let reservation): lanes(of: reservation)
    case .resource(let resource): lanes(of: [resource.sellerID])
    case .product(let product): lanes(of: [product.sellerID])
    case .pool(let id): lanes(of: [resources[id]?.sellerID].compactMap { $0 })
    case .gap: .all(lanes.count)
    }
  }

  /// The lanes that `command` must be decided in: what it is about can change in them alone.
  func lanes(of command: Command) -> LaneSet {
    switch command {
    case .reserve(let reserve):
      lanes(of: reserve.lines.compactMap { products[$0.productID]?.sellerID })
    case .consume(let resolve), .release(let resolve), .cancel(let resolve):
      reservation(resolve.number).map { lanes(of: $0) } ?? LaneSet()
    case .extend(let extend): reservation(extend.number).map { lanes(of: $0) } ?? LaneSet()
    // What is new is new to all.
    case .putResource(let put):
      resources[put.resource.id].map { lanes(of: [$0.sellerID]) } ?? .all(lanes.count)
    case .putProduct(let put):
      products[put.product.id].map { lanes(of: [$0.sellerID]) } ?? .all(lanes.count)
    case .adjustStock(let adjustment):
      lanes(of: [resources[adjustment.resourceID]?.sellerID].compactMap { $0 })
    case .setPause(let pause):
      switch pause.target {
      case .resource(let id): lanes(of: [resources[id]?.sellerID].compactMap { $0 })
      case .product(let id): lanes(of: [products[id]?.sellerID].compactMap { $0 })
      }
    }
  }

  // MARK: Numbers

  /// The number of a new reservation. With several lanes the node says which: it knows what it has heard of the others.
  mutating func newNumber(of lines: [ReservationLine]) -> UInt64 {
    guard areLanesSeveral else { return nextNumber }
    guard !numbersGiven.isEmpty else {
      complain("I9", "a reservation is granted and not written")
      return nextNumber
    }
    let number = numbersGiven.removeFirst()
    let (count, home) = (UInt64(lanes.count), sellerLanes[lines[0].sellerID] ?? 0)
    if number % count != UInt64(home) { complain("I5", "number \(number) is not of lane \(home)") }
    if reservation(number) != nil { complain("I5", "number \(number) is given twice") }
    // All that is known of may be old, but not of this lane.
    let last = reservations.last { $0.number % count == UInt64(home) }?.number ?? 0
    if number <= last || number >= nextNumber + count {
      complain("I5", "number \(number) follows \(last), the next of all is \(nextNumber)")
    }
    return number
  }

  mutating func complain(_ invariant: String, _ text: String) {
    complaint = complaint ?? Broken(invariant, text)
  }

  // MARK: Time

  /// Ends every hold whose time has come in `some` lanes. One that other lanes share must be theirs, too.
  mutating func expire(at now: Instant, in some: LaneSet) {
    guard areLanesSeveral else { return expire(at: now) }
    var index = holds.count - 1
    while index >= 0, holds[index].expiresAt <= now {
      defer { index -= 1 }
      let number = holds[index].number
      guard let own = reservation(number).map({ lanes(of: $0) }), !own.isDisjoint(with: some)
      else { continue }
      if !own.isSubset(of: some) {
        complain("I4", "\(number) is due in \(Array(own)), decided is in \(Array(some))")
      }
      expire(number)
    }
  }

  /// Ends a hold that a batch has ended before it was given up: what it was to make room for was decided otherwise.
  ///
  /// - Returns: whether it was due at `now`, in `some` lanes alone.
  mutating func expire(_ told: Reservation, at now: Instant, in some: LaneSet) -> Bool {
    guard let reservation = reservation(told.number), reservation.state == .held,
      reservation.expiresAt <= now, lanes(of: reservation).isSubset(of: some)
    else { return false }
    expire(told.number)
    return true
  }

  /// Whether something is still held that is due in `some` lanes.
  func isDue(at now: Instant, in some: LaneSet) -> Bool {
    for hold in holds.reversed() {
      if hold.expiresAt > now { return false }
      if let reservation = reservation(hold.number),
        !lanes(of: reservation).isDisjoint(with: some)
      {
        return true
      }
    }
    return false
  }
}
