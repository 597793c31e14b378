internal import Capacity
internal import CupoSchema

/// What a reader is told next, by what it knows.
extension WatchImage {
  enum Step: Sendable {
    case message([UInt8])
    /// The reader knows everything.
    case upToDate
    /// What went away since has been forgotten; only a new snapshot helps.
    case compacted
  }

  /// The next message for a reader at `position`, which moves on by it.
  ///
  /// A walk of several messages can be overtaken by changes. What has been sent by then is changed again, behind the goal,
  /// so the next walk tells it; and as every message has the latest of its slots, no slot ever goes back.
  func step(_ position: inout WatchPosition) -> Step {
    if position.walk == nil, version == position.known { return .upToDate }
    if position.needsRemovals, position.known < forgotten { return .compacted }
    if position.walk == nil { position.begin(goal) }
    switch position.walk {
    case .snapshot(let name): return .message(snapshot(after: name, &position))
    case .changes(let name): return .message(changes(after: name, &position))
    case .removals(let place): return .message(removals(after: place, &position))
    case .missed(let missed): return .message(told(missed, &position))
    case nil: return .upToDate
    }
  }

  private func snapshot(after name: SlotName?, _ position: inout WatchPosition) -> [UInt8] {
    let part = entries[firstIndex(after: name)...].prefix(Self.partSlotsMax)
    guard let last = part.last else {
      return message(.snapshotEnd, token: position.finish())
    }
    position.advance(to: .snapshot(after: last.name))
    return message(.snapshot, part.map(\.bytes))
  }

  private func changes(after name: SlotName?, _ position: inout WatchPosition) -> [UInt8] {
    var slots: [[UInt8]] = []
    var last: SlotName?
    var index = nextChanged(from: firstIndex(after: name), behind: position.known)
    while let found = index, slots.count < Self.partSlotsMax {
      slots.append(entries[found].bytes)
      last = entries[found].name
      index = nextChanged(from: found + 1, behind: position.known)
    }
    guard index == nil else {
      position.advance(to: .changes(after: last))
      return message(.delta, slots, token: position.token)
    }
    let first = removals.partitioningIndex { $0.version > position.known }
    guard slots.count + removals.count - first <= Self.partSlotsMax else {
      let place = removals[first].sequence - 1
      guard !slots.isEmpty else { return removals(after: place, &position) }
      position.advance(to: .removals(after: place))
      return message(.delta, slots, token: position.token)
    }
    return message(.delta, slots + removals[first...].map(\.bytes), token: position.finish())
  }

  private func removals(after place: UInt64, _ position: inout WatchPosition) -> [UInt8] {
    let first = removals.partitioningIndex { $0.sequence > place }
    let part = removals[first...].prefix(Self.partSlotsMax)
    guard first + part.count < removals.count, let last = part.last else {
      return message(.delta, part.map(\.bytes), token: position.finish())
    }
    position.advance(to: .removals(after: last.sequence))
    return message(.delta, part.map(\.bytes), token: position.token)
  }

  private func told(
    _ missed: WatchPosition.Missed, _ position: inout WatchPosition
  ) -> [UInt8] {
    var rest = missed
    let removed = rest.removed.prefix(Self.partSlotsMax)
    rest.removed = rest.removed.dropFirst(removed.count)
    let names = rest.names.prefix(Self.partSlotsMax - removed.count)
    rest.names = rest.names.dropFirst(names.count)
    // One that has gone meanwhile is told by the next walk.
    let slots = names.compactMap { name -> [UInt8]? in
      let index = firstIndex(from: name)
      guard index < entries.count, entries[index].name == name else { return nil }
      return entries[index].bytes
    }
    guard rest.names.isEmpty, rest.removed.isEmpty else {
      position.advance(to: .missed(rest))
      return message(.delta, Array(removed) + slots, token: position.token)
    }
    let kind: WatchAvailabilityResponse.Kind =
      removed.isEmpty && slots.isEmpty ? .progress : .delta
    return message(kind, Array(removed) + slots, token: position.finish())
  }

  private func message(
    _ kind: WatchAvailabilityResponse.Kind, _ slots: [[UInt8]] = [], token: [UInt8] = []
  ) -> [UInt8] {
    WatchMessage.message(kind, slots, token: token, asOf: asOf)
  }

  // MARK: Finding

  private func nextChanged(from start: Int, behind version: UInt64) -> Int? {
    var index = start
    while index < entries.count {
      let page = index / Self.pageSlots
      let end = min((page + 1) * Self.pageSlots, entries.count)
      if pages[page] > version,
        let found = (index..<end).first(where: { entries[$0].changed > version })
      {
        return found
      }
      index = end
    }
    return nil
  }

  private func firstIndex(after name: SlotName?) -> Int {
    guard let name else { return 0 }
    return entries.partitioningIndex { $0.name > name }
  }

  private func firstIndex(from name: SlotName) -> Int {
    entries.partitioningIndex { $0.name >= name }
  }
}

extension Array {
  /// The first index for which `belongs` holds, where it holds for none before some index and for all from there on.
  func partitioningIndex(where belongs: (Element) -> Bool) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if belongs(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
