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

    func isTrue(_ revision: UInt64, at now: Instant) -> Bool {
      self.revision == revision && instants.contains(now)
    }

    // By one look at what lies in the table: to take it out would be a copy, whose references are counted.
    func plan(_ revision: UInt64, at now: Instant) -> SlotPlan? {
      isTrue(revision, at: now) ? plan : nil
    }

    // Hardly anybody asks about what has gone by.
    func isWanted(_ revision: UInt64, at now: Instant) -> Bool {
      isTrue(revision, at: now) && plan.primary.slot.pastFrom > now
    }
  }

  /// Plans that are kept at most, each with half a kilobyte and more where its product has many draws.
  static let countMax = 32_768
  private static let countAtFirst = 64
  // After so many changes of the catalogue plans that are true no more are looked for: they keep definitions that are gone.
  private static let changesMax = 16

  // As many as a power of two. The two of a question are neighbours.
  private var places: [Found?] = []
  // The catalogue that was asked about last.
  private var revision: UInt64 = 0
  // So many come before it is tidied.
  private var room = 0
  /// How many are kept, whether they are true or not.
  private(set) var count = 0

  /// As ``SlotPlan/find(productID:slotID:in:at:)``.
  mutating func find(
    productID: String, slotID: String, in catalogue: Catalogue, at now: Instant
  ) -> SlotPlan.Result {
    if revision != catalogue.revision {
      revision = catalogue.revision
      room -= places.count / 4 / Self.changesMax
    }
    let hash = Self.hash(productID, slotID)
    if let place = place(productID, slotID, hash),
      let plan = places.span[place]?.plan(revision, at: now)
    {
      return .plan(plan)
    }
    let result = SlotPlan.find(productID: productID, slotID: slotID, in: catalogue, at: now)
    if case .plan(let plan) = result {
      if room <= 0 { tidy(at: now) }
      let found = Found(
        productID: plan.product.id, slotID: plan.slotID, revision: revision,
        instants: plan.instants(around: now), plan: plan)
      keep(found, hash)
      room -= 1
    }
    return result
  }

  private func place(_ productID: String, _ slotID: String, _ hash: UInt64) -> Int? {
    guard !places.isEmpty else { return nil }
    let (first, places) = (first(hash), places.span)
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

  // What is true or wanted no more goes, and the table becomes so large that a quarter of it is free for what comes: so hardly any three questions
  // want the same two places, and whoever sells little takes little memory.
  private mutating func tidy(at now: Instant) {
    let kept = places.compactMap { $0?.isWanted(revision, at: now) == true ? $0 : nil }
    var size = Self.countAtFirst
    while size < kept.count * 4, size < Self.countMax { size *= 2 }
    places = Array(repeating: nil, count: size)
    (count, room) = (0, size / 4)
    for found in kept { keep(found, Self.hash(found.productID, found.slotID)) }
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
