/// Pools in the order of their keys, of which some come and go all the time. It is kept in parts, so that nothing that is done
/// to it moves more than one of them.
struct SortedPools {
  private static let partMax = 256
  // Each ascending, and all behind the one before; none is empty.
  private var parts: [[PoolKey]] = []
  private(set) var count = 0

  var isEmpty: Bool { count == 0 }

  /// - Returns: whether it was not there.
  @discardableResult
  mutating func insert(_ key: PoolKey) -> Bool {
    // They often come in their order.
    if let last = parts.last?.last, last < key, let size = parts.last?.count {
      if size < Self.partMax { parts[parts.count - 1].append(key) } else { parts.append([key]) }
      count += 1
      return true
    }
    guard let part = part(holdingFrom: key) else {
      parts.append([key])
      count += 1
      return true
    }
    let index = parts[part].firstIndex(from: key)
    guard parts[part][index] != key else { return false }
    parts[part].insert(key, at: index)
    count += 1
    divide(part)
    return true
  }

  mutating func remove(_ key: PoolKey) {
    guard let part = part(holdingFrom: key) else { return }
    let index = parts[part].firstIndex(from: key)
    guard parts[part][index] == key else { return }
    parts[part].remove(at: index)
    if parts[part].isEmpty { parts.remove(at: part) }
    count -= 1
  }

  /// Whether there is one behind `key`; nil: at all.
  func hasMore(behind key: PoolKey?) -> Bool {
    guard let key else { return count > 0 }
    return parts.last?.last.map { key < $0 } ?? false
  }

  /// Takes out those that come next behind `key` (nil: from the first), at most `limit`, ascending.
  mutating func take(_ limit: Int, behind key: PoolKey?) -> [PoolKey] {
    var taken: [PoolKey] = []
    while taken.count < limit, let place = place(behind: taken.last ?? key) {
      let count = min(parts[place.part].count - place.index, limit - taken.count)
      let end = place.index + count
      taken += parts[place.part][place.index..<end]
      parts[place.part].removeSubrange(place.index..<end)
      if parts[place.part].isEmpty { parts.remove(at: place.part) }
    }
    count -= taken.count
    return taken
  }

  mutating func removeAll() {
    parts.removeAll()
    count = 0
  }

  // MARK: Places

  private mutating func divide(_ part: Int) {
    guard parts[part].count > Self.partMax else { return }
    let middle = parts[part].count / 2
    parts.insert(Array(parts[part][middle...]), at: part + 1)
    parts[part].removeSubrange(middle...)
  }

  // The first part whose last key is `key` or behind it.
  private func part(holdingFrom key: PoolKey) -> Int? {
    var (low, high) = (0, parts.count)
    while low < high {
      let middle = (low + high) / 2
      if let last = parts[middle].last, last < key { low = middle + 1 } else { high = middle }
    }
    return low < parts.count ? low : nil
  }

  private func place(behind key: PoolKey?) -> (part: Int, index: Int)? {
    guard let key else { return parts.isEmpty ? nil : (0, 0) }
    guard let part = part(holdingFrom: key) else { return nil }
    let index = parts[part].firstIndex(from: key)
    guard parts[part][index] == key else { return (part, index) }
    if index + 1 < parts[part].count { return (part, index + 1) }
    return part + 1 < parts.count ? (part + 1, 0) : nil
  }
}
