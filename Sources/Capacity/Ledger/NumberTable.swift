/// A table by numbers that are given out one after another: neighbours share a page, which is dropped when its last value goes.
///
/// A hash table of ten million values stands still for a second when it grows. Here what grows is a table of pages, and numbers of the
/// same time, which are changed at the same time, are next to each other.
struct NumberTable<Value: Sendable>: Sendable {
  private struct Page: Sendable {
    // A value that all its neighbours have left costs as much as some dozens together: a page is no larger.
    static var size: UInt64 { 64 }

    var values = [Value?](repeating: nil, count: Int(size))
    var count = 0

    mutating func update(_ value: Value?, at index: Int) -> Value? {
      let before = values[index]
      values[index] = value
      count += (value == nil ? 0 : 1) - (before == nil ? 0 : 1)
      return before
    }
  }

  private var pages: [UInt64: Page] = [:]
  private(set) var count = 0

  var pagesCount: Int { pages.count }

  /// Every value, in no order.
  var values: some Sequence<Value> {
    pages.values.lazy.flatMap { $0.values.lazy.compactMap(\.self) }
  }

  subscript(number: UInt64) -> Value? {
    get { pages[number / Page.size]?.values[Int(number % Page.size)] }
    set { update(newValue, at: number) }
  }

  /// Puts `value` in place of the one that `number` has; nil takes it away.
  /// - Returns: the one before.
  @discardableResult
  mutating func update(_ value: Value?, at number: UInt64) -> Value? {
    let (page, index) = (number / Page.size, Int(number % Page.size))
    guard let value else { return remove(page, index) }
    let before = pages[page, default: Page()].update(value, at: index)
    if before == nil { count += 1 }
    return before
  }

  private mutating func remove(_ page: UInt64, _ index: Int) -> Value? {
    guard let before = pages[page]?.update(nil, at: index) else { return nil }
    count -= 1
    if pages[page]?.count == 0 { pages[page] = nil }
    return before
  }
}
