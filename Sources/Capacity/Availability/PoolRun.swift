/// A part of the pools of one resource, or of the latches of one trigger: what a list or a calendar reads together.
package struct PoolRun: Hashable, Sendable {
  package var resourceID: String
  /// See ``PoolKey/ordinal``; nil: none.
  package var ordinals: ClosedRange<Int64>?

  package init(resourceID: String, ordinals: ClosedRange<Int64>?) {
    self.resourceID = resourceID
    self.ordinals = ordinals
  }
}

extension WorkingSet {
  /// The pools of `run` that something was ever drawn from. Holds that have run out must have been expired before.
  package mutating func column(_ run: PoolRun) -> PoolColumn {
    var column = PoolColumn()
    guard let range = run.ordinals else { return column }
    let found = ordinals(of: run.resourceID, in: range)
    column.reserveCapacity(found.count)
    var key = PoolKey(resourceID: run.resourceID, ordinal: 0)
    for ordinal in found {
      key.ordinal = ordinal
      column.append(ordinal, view(key))
    }
    return column
  }
}
