internal import Capacity
internal import CapacityEngine

/// What a list or a calendar has to read: the pools of its slots, and which others there are between its first and its last.
///
/// An edit of a schedule takes slots away, not what was booked of them. So all pools that exist there are read; those that are not
/// planned are added to the plan, which is then read once more.
struct ListQuestion {
  /// Its columns are those of the evaluator's draws and latches.
  let query: ReadQuery
  // Ascending.
  private let scheduled: [Int64]
  private let range: ClosedRange<Int64>?

  /// Of a product without dates.
  init(runs: [PoolRun]) {
    query = ReadQuery(runs: runs)
    (scheduled, range) = ([], nil)
  }

  /// - Parameters:
  ///   - runs: of what is planned; the first is the primary resource's.
  ///   - scheduled: the ordinals that the schedule makes, of those that are asked about, ascending.
  ///   - ordinal: behind which the list begins; nil: with the first date.
  ///   - last: with which it ends; nil: with the last date.
  init(
    runs: [PoolRun], of offer: Offer, scheduled: [Int64], from: CivilDate, to: CivilDate,
    behind ordinal: Int64? = nil, upTo last: Int64? = nil
  ) {
    self.scheduled = scheduled
    range = offer.ordinals(from: from, to: to).flatMap { all in
      let lower = ordinal.map { max(all.lowerBound, $0 + 1) } ?? all.lowerBound
      let upper = last.map { min(all.upperBound, $0) } ?? all.upperBound
      return lower <= upper ? lower...upper : nil
    }
    var runs = runs
    if let range {
      runs[0].ordinals =
        (runs[0].ordinals ?? range).including(range.lowerBound).including(range.upperBound)
    }
    query = ReadQuery(runs: runs)
  }

  /// The pools in `reading` that the schedule does not make.
  func withdrawn(_ reading: Reading) -> [Int64] {
    guard let range, let column = reading.columns.first else { return [] }
    var found: [Int64] = []
    var next = 0
    for ordinal in column.ordinals where range.contains(ordinal) {
      while next < scheduled.count, scheduled[next] < ordinal { next += 1 }
      if next == scheduled.count || scheduled[next] != ordinal { found.append(ordinal) }
    }
    return found
  }

  /// Those of `withdrawn` that are asked about.
  func asked(_ withdrawn: [Int64]) -> [Int64] {
    guard let range else { return [] }
    return withdrawn.filter { range.contains($0) }
  }
}
