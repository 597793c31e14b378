/// Those who wait for a board's news, who has waited longest first. A value.
struct WatchQueue {
  private var waiters: [UInt64: WatchWaiter] = [:]
  // In the order in which they came; some may have left.
  private var order: [UInt64] = []
  private var arrivals: Set<UInt64> = []

  /// Whose places are kept at most beyond twice those who wait.
  static let leftMax = 64

  /// Those who have been told everything.
  var readersCount: Int { waiters.count - arrivals.count }
  /// Places that are kept.
  var placesCount: Int { order.count }

  mutating func add(_ waiter: WatchWaiter) {
    waiters[waiter.id] = waiter
    order.append(waiter.id)
    if waiter.isArrival { arrivals.insert(waiter.id) }
    if order.count > 2 * waiters.count + Self.leftMax { order.removeAll { waiters[$0] == nil } }
  }

  mutating func remove(_ id: UInt64) -> WatchWaiter? {
    arrivals.remove(id)
    return waiters.removeValue(forKey: id)
  }

  /// All of them, in the order in which they came.
  mutating func takeAll() -> [WatchWaiter] {
    let all = order.compactMap { waiters[$0] }
    waiters.removeAll(keepingCapacity: true)
    order.removeAll(keepingCapacity: true)
    arrivals.removeAll()
    return all
  }

  /// Those who wait for a look of their own to begin with.
  mutating func takeArrivals() -> [WatchWaiter] {
    arrivals.sorted().compactMap { remove($0) }
  }
}
