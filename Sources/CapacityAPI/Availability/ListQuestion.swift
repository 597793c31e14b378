internal import Capacity
internal import CapacityEngine

/// What a list or a calendar has to read: the pools of its slots, and which others there are between its first and its last.
///
/// An edit of a schedule takes slots away, not what was booked of them. So the pools that exist are read with the planned ones;
/// those that are not planned are added to the plan, which is then read once more.
struct ListQuestion {
  let query: ReadQuery
  private let scheduled: Set<Int64>

  /// Of a product without dates.
  init(pools: [PoolKey]) {
    query = ReadQuery(pools: pools)
    scheduled = []
  }

  /// - Parameters:
  ///   - scheduled: the ordinals that the schedule makes, of those that are asked about.
  ///   - ordinal: behind which the list begins; nil: with the first date.
  ///   - last: with which it ends; nil: with the last date.
  init(
    pools: [PoolKey], of offer: Offer, scheduled: some Sequence<Int64>, from: CivilDate,
    to: CivilDate, behind ordinal: Int64? = nil, upTo last: Int64? = nil
  ) {
    self.scheduled = Set(scheduled)
    guard let all = offer.ordinals(from: from, to: to) else {
      query = ReadQuery(pools: pools)
      return
    }
    let lower = ordinal.map { max(all.lowerBound, $0 + 1) } ?? all.lowerBound
    let upper = last.map { min(all.upperBound, $0) } ?? all.upperBound
    let range = lower <= upper ? lower...upper : nil
    query = ReadQuery(
      pools: pools,
      range: range.map { .init(resourceID: offer.primary.resource.id, ordinals: $0) })
  }

  /// The pools in `reading` that the schedule does not make.
  func withdrawn(_ reading: Reading) -> [Int64] {
    reading.ordinals.filter { !scheduled.contains($0) }
  }

  /// Those of `withdrawn` that are asked about.
  func asked(_ withdrawn: [Int64]) -> [Int64] {
    guard let range = query.range?.ordinals else { return [] }
    return withdrawn.filter { range.contains($0) }
  }
}
