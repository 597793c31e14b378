/// What is kept in memory of a run: keys of reservations that follow one another, written down in pages in the order of
/// their hashes, and never changed.
struct KeyRun: Equatable, Sendable {
  var id: Int64
  /// The last reservation whose key is in it or in a run before it.
  var lastNumber: UInt64
  var count: Int
  var filter: KeyFilter
  /// The first hash of each page.
  var fences: [UInt64]

  /// The pages that may have hashes in `range`.
  func pages(_ range: ClosedRange<UInt64>) -> Range<Int> {
    // Equal hashes may begin on the page before the one that they head.
    let first = firstFence { $0 >= range.lowerBound }
    let end = firstFence { $0 > range.upperBound }
    return max(0, first - 1)..<max(end, max(0, first - 1))
  }

  private func firstFence(_ isBehind: (UInt64) -> Bool) -> Int {
    var (low, high) = (0, fences.count)
    while low < high {
      let middle = (low + high) / 2
      if isBehind(fences[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}

extension [KeyRun] {
  /// The runs that may have a hash, the newest first.
  func indices(mayHave hash: UInt64) -> [Int] {
    // A bit for each run, and where there are more, for several: nearly all are 0. By indices: a run that is taken out is a copy, whose
    // references are counted.
    var bits: UInt64 = 0
    for index in indices { bits |= self[index].filter.firstLook(hash) << (UInt64(index) & 63) }
    guard bits != 0 else { return [] }
    return indices.reversed().filter { index in
      bits >> (UInt64(index) & 63) & 1 == 1 && self[index].filter.mayContain(hash)
    }
  }
}
