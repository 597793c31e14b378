internal import Capacity
internal import CupoSchema
internal import Protobuf

/// What a watch shows: the latest of each slot, encoded, and the version in which it last changed. A value without I/O.
///
/// It is all that readers are told from. Nobody has a queue: whoever knows version n is told every slot that changed behind
/// n as it is now, be that one version or a thousand. So a slow reader costs what a fast one does, gets the latest of each
/// slot, and readers that know the same are told the same bytes.
struct WatchImage: Sendable {
  /// Slots in one message at most.
  static let partSlotsMax = 500
  /// Removals that are remembered at most.
  static let removalsMax = 200_000
  static let pageSlots = 512

  /// One slot, as it is told.
  struct Entry: Sendable {
    let name: SlotName
    /// The slot's id.
    let slot: String
    /// Of a response with this slot alone: the slot and nothing else, so that they can be put one behind another.
    var bytes: [UInt8]
    fileprivate(set) var changed: UInt64

    init(_ name: SlotName, slot: String, _ bytes: [UInt8]) {
      self.name = name
      self.slot = slot
      self.bytes = bytes
      changed = 0
    }
  }

  struct Removal: Sendable {
    var name: SlotName
    var bytes: [UInt8]
    var version: UInt64
    /// Its place among all removals, so that a walk through them can go on behind it.
    var sequence: UInt64
  }

  private(set) var entries: [Entry] = []
  // The newest change in each page of entries, so that looking for a change does not touch them all.
  private(set) var pages: [UInt64] = []
  private(set) var removals: [Removal] = []
  private var sequence: UInt64 = 0
  /// Grows with everything that readers have to be told.
  private(set) var version: UInt64 = 0
  /// Removals up to here have been forgotten.
  private(set) var forgotten: UInt64 = 0
  /// What brings a reader back that knows this version.
  var token: [UInt8] = []
  /// What all of it is true for.
  var asOf = Instant(seconds: 0)
  private let removalsMax: Int

  init(removalsMax: Int = WatchImage.removalsMax) {
    self.removalsMax = removalsMax
  }

  var goal: WatchPosition.Goal { WatchPosition.Goal(version: version, token: token) }

  // MARK: Changing

  /// Takes over what single slots, by index, are now. Answers whether anything is different.
  mutating func update(_ updates: [(index: Int, bytes: [UInt8])]) -> Bool {
    var isNews = false
    for (index, bytes) in updates where entries[index].bytes != bytes {
      if !isNews { version += 1 }
      isNews = true
      entries[index].bytes = bytes
      entries[index].changed = version
      pages[index / Self.pageSlots] = version
    }
    return isNews
  }

  /// Takes over all slots anew, ascending by name; those that are not among them are gone. Answers whether anything is
  /// different.
  mutating func replace(_ next: [Entry]) -> Bool {
    let older = entries
    let candidate = version + 1
    var isNews = version == 0
    var gone: [Entry] = []
    var back: Set<SlotName> = []
    entries = next
    var old = 0
    for index in entries.indices {
      while old < older.count, older[old].name < entries[index].name {
        gone.append(older[old])
        old += 1
      }
      let known = old < older.count && older[old].name == entries[index].name ? older[old] : nil
      if known == nil { back.insert(entries[index].name) } else { old += 1 }
      let isSame = known?.bytes == entries[index].bytes
      entries[index].changed = isSame ? known?.changed ?? candidate : candidate
      if !isSame { isNews = true }
    }
    gone += older[old...]
    if isNews || !gone.isEmpty { version = candidate }
    remember(gone, back)
    rebuildPages()
    return version == candidate
  }

  // A slot that is there again is told as such, not as one that has gone.
  private mutating func remember(_ gone: [Entry], _ back: Set<SlotName>) {
    if !back.isEmpty { removals.removeAll { back.contains($0.name) } }
    for entry in gone {
      let bytes = WatchMessage.removal(entry.name.productID, slot: entry.slot)
      sequence += 1
      removals.append(
        Removal(name: entry.name, bytes: bytes, version: version, sequence: sequence))
    }
    let excess = removals.count - removalsMax
    guard excess > 0 else { return }
    forgotten = removals[excess - 1].version
    removals.removeFirst(excess)
  }

  private mutating func rebuildPages() {
    pages = stride(from: 0, to: entries.count, by: Self.pageSlots).map { start in
      entries[start..<min(start + Self.pageSlots, entries.count)].lazy.map(\.changed).max() ?? 0
    }
  }
}
