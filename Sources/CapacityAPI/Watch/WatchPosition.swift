/// How far one reader has been told. It takes the same room however far back the reader is: what is to be told is found in
/// the image, by comparing versions.
struct WatchPosition: Hashable, Sendable {
  /// What is under way where one message is not enough.
  enum Walk: Hashable, Sendable {
    /// The snapshot, behind this slot.
    case snapshot(after: SlotName?)
    /// What changed behind `known`: the slots behind this one, then the removals.
    case changes(after: SlotName?)
    /// The removals among them, behind the one with this place.
    case removals(after: UInt64)
    /// What a reader that came back has missed.
    case missed(Missed)
  }

  /// Slots to tell, and slots to tell the end of.
  struct Missed: Hashable, Sendable {
    var names: ArraySlice<SlotName> = []
    /// Encoded.
    var removed: ArraySlice<[UInt8]> = []
  }

  /// What is known when the walk is over. What changes meanwhile is told afterwards.
  struct Goal: Hashable, Sendable {
    var version: UInt64
    var token: [UInt8]
  }

  /// The version of the image that the reader has been told.
  private(set) var known: UInt64
  /// What brings a reader back that has been told just that.
  private(set) var token: [UInt8]
  private(set) var walk: Walk?
  private(set) var goal: Goal

  /// A reader that knows nothing yet.
  static func snapshot(_ goal: Goal) -> WatchPosition {
    WatchPosition(known: 0, token: [], walk: .snapshot(after: nil), goal: goal)
  }

  /// A reader that came back with `token`.
  static func missed(_ missed: Missed, token: [UInt8], _ goal: Goal) -> WatchPosition {
    WatchPosition(known: 0, token: token, walk: .missed(missed), goal: goal)
  }

  /// A reader that came back with `token`, and knows `version` of the image.
  static func known(_ version: UInt64, token: [UInt8]) -> WatchPosition {
    WatchPosition(
      known: version, token: token, walk: nil, goal: Goal(version: version, token: token))
  }

  // The tokens follow from the versions nearly always, and are long.
  func hash(into hasher: inout Hasher) {
    hasher.combine(known)
    hasher.combine(goal.version)
    if let walk { hasher.combine(walk) }
  }

  /// Whether it goes on from what the reader knows, so that all removals behind that are needed.
  var needsRemovals: Bool {
    switch walk {
    case .changes, .removals, nil: true
    case .snapshot, .missed: false
    }
  }

  /// Whether no other reader can be at the same: what one that came back has missed is its own.
  var isOfItsOwn: Bool {
    if case .missed = walk { true } else { false }
  }

  /// Begins to tell what changed behind `known`.
  mutating func begin(_ goal: Goal) {
    walk = .changes(after: nil)
    self.goal = goal
  }

  /// Goes on with the next message of the walk.
  mutating func advance(to next: Walk) {
    walk = next
  }

  /// The walk is over; answers the token of its last message.
  mutating func finish() -> [UInt8] {
    walk = nil
    known = goal.version
    token = goal.token
    return token
  }

  /// Was told that nothing happened up to a newer token.
  mutating func progressed(to token: [UInt8]) {
    self.token = token
  }
}
