extension Array where Element: Comparable {
  /// The first index whose element is `element` or behind it, of elements that ascend.
  func firstIndex(from element: Element) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if self[middle] < element { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
