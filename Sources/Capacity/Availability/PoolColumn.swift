/// The pools of one resource over a range of its schedule, ascending by ordinal; one that is not here is untouched.
///
/// It is asked in the order of the schedule, so that a year is one walk through it and not a search for each slot.
package struct PoolColumn: Sendable {
  /// Of the pools that are here.
  package private(set) var ordinals: [Int64] = []
  private var views: [PoolView] = []
  private var cursor = 0

  package init() {}

  package mutating func reserveCapacity(_ count: Int) {
    ordinals.reserveCapacity(count)
    views.reserveCapacity(count)
  }

  /// Adds a pool behind the last one. What is there already, or comes before it, is left out.
  package mutating func append(_ ordinal: Int64, _ view: PoolView) {
    guard ordinals.last.map({ $0 < ordinal }) ?? true else { return }
    ordinals.append(ordinal)
    views.append(view)
  }

  /// When the first hold in any of them ends unless consumed; nil: nothing is held.
  package var nextExpiry: Instant? {
    var next = Instant.distantFuture
    for view in views {
      if let expiry = view.nextExpiry, expiry < next { next = expiry }
    }
    return next == .distantFuture ? nil : next
  }

  /// The pool with this ordinal.
  package mutating func view(_ ordinal: Int64) -> PoolView {
    // Backwards only where a question is not in order.
    while cursor > 0, ordinals[cursor - 1] >= ordinal { cursor -= 1 }
    while cursor < ordinals.count, ordinals[cursor] < ordinal { cursor += 1 }
    guard cursor < ordinals.count, ordinals[cursor] == ordinal else { return .untouched }
    return views[cursor]
  }
}
