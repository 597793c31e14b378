/// Plans that were found lately: what is asked for was mostly asked for a moment ago, and finding it takes longer than judging it.
///
/// A cache that nobody can tell from asking anew: a plan is given out again as long as the catalogue is the same, and the day is where
/// that matters. Each question has two places; what the first one has moves to the second when something else comes.
struct RecentPlans: Sendable {
  // Most plans are in no cache of the processor: what tells whether one is looked for is in one place.
  private struct Found: Sendable {
    var productID: String
    var slotID: String
    var revision: UInt64
    var instants: Range<Instant>
    var plan: SlotPlan

    func answers(_ productID: String, _ slotID: String) -> Bool {
      self.productID == productID && self.slotID == slotID
    }
  }

  /// Plans that are kept at most, each some half a kilobyte.
  static let countMax = 32_768
  private static let countAtFirst = 64

  // As many as a power of two. The two of a question are neighbours.
  private var places: [Found?] = []
  /// How many are kept.
  private(set) var count = 0

  /// As ``SlotPlan/find(productID:slotID:in:at:)``.
  mutating func find(
    productID: String, slotID: String, in catalogue: Catalogue, at now: Instant
  ) -> SlotPlan.Result {
    let hash = Self.hash(productID, slotID)
    if let place = place(productID, slotID, hash), let found = places[place],
      found.revision == catalogue.revision, found.instants.contains(now)
    {
      return .plan(found.plan)
    }
    let result = SlotPlan.find(productID: productID, slotID: slotID, in: catalogue, at: now)
    if case .plan(let plan) = result {
      makeRoom()
      let found = Found(
        productID: plan.product.id, slotID: plan.slotID, revision: catalogue.revision,
        instants: plan.instants(around: now), plan: plan)
      keep(found, hash)
    }
    return result
  }

  private func place(_ productID: String, _ slotID: String, _ hash: UInt64) -> Int? {
    guard !places.isEmpty else { return nil }
    let first = first(hash)
    if places[first]?.answers(productID, slotID) == true { return first }
    return places[first ^ 1]?.answers(productID, slotID) == true ? first ^ 1 : nil
  }

  private mutating func keep(_ found: Found, _ hash: UInt64) {
    var place = first(hash)
    if let known = self.place(found.productID, found.slotID, hash) {
      place = known
    } else {
      let leaving = places[place ^ 1]
      if let moved = places[place] { places[place ^ 1] = moved }
      if leaving == nil || places[place] == nil { count += 1 }
    }
    places[place] = found
  }

  // Whoever sells little takes little memory. In a table that is a quarter full hardly any three questions want the same two places.
  private mutating func makeRoom() {
    guard count * 4 >= places.count, places.count < Self.countMax else { return }
    let before = places
    places = Array(repeating: nil, count: max(Self.countAtFirst, before.count * 2))
    count = 0
    for case .some(let found) in before {
      keep(found, Self.hash(found.productID, found.slotID))
    }
  }

  private func first(_ hash: UInt64) -> Int {
    Int(truncatingIfNeeded: hash ^ hash >> 32) & (places.count - 1)
  }

  private static func hash(_ productID: String, _ slotID: String) -> UInt64 {
    var hash = FNV1a(productID)
    hash.add(slotID)
    return hash.value
  }
}
