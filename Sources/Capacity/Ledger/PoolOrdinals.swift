/// The pools that exist, by resource and in the order of the schedule: what lies between two dates is found without
/// looking at the rest.
struct PoolOrdinals {
  private var byResource: [String: [Int64]] = [:]

  mutating func insert(_ key: PoolKey) {
    byResource[key.resourceID, default: []].insertSorted(key.ordinal)
  }

  mutating func remove(_ key: PoolKey) {
    guard let list = byResource[key.resourceID] else { return }
    let index = list.firstIndex(from: key.ordinal)
    guard index < list.count, list[index] == key.ordinal else { return }
    byResource[key.resourceID]?.remove(at: index)
  }

  /// Ascending.
  func ordinals(of resourceID: String, in range: ClosedRange<Int64>) -> ArraySlice<Int64> {
    guard let list = byResource[resourceID] else { return [] }
    let start = list.firstIndex(from: range.lowerBound)
    let end = range.upperBound == .max ? list.count : list.firstIndex(from: range.upperBound + 1)
    return list[start..<end]
  }
}

extension [Int64] {
  fileprivate mutating func insertSorted(_ ordinal: Int64) {
    // Pools are loaded in their order, and later days are sold later.
    if let last, last < ordinal {
      append(ordinal)
      return
    }
    let index = firstIndex(from: ordinal)
    guard index == count || self[index] != ordinal else { return }
    insert(ordinal, at: index)
  }
}
