internal import Capacity
internal import CapacityEngine
internal import CupoSchema

/// Finds out what a reader has missed that comes back with a token from before its watch, or the process, began.
///
/// The log tells which pools and definitions changed since, the calendar what time alone changed. What slots the reader knows is
/// not in the token, only a fingerprint of them: where the definitions of today make others for the day of the token, nobody can
/// tell it which ones are gone, and it needs a new snapshot.
struct WatchResumption {
  let engine: Engine
  let calendars: CalendarCache
  let token: ResumeToken

  /// What to tell, and nothing of what is not to be told.
  func missed(_ standing: WatchBoard.Standing) async throws(Refusal) -> WatchPosition.Missed {
    let plan = standing.plan
    guard try await recall(), let definitions = engine.definitionsChanged(since: token.position),
      let pools = engine.changed(since: token.position, among: Array(plan.byPool.keys)),
      let (added, removed) = try difference(plan)
    else { throw Refusal(.resumeTokenCompacted) }
    var indices = Set(plan.indices(concernedBy: pools)).union(added)
    // A hold that ended while the store failed is in no log: whoever comes back meanwhile is told everything. So is who comes back
    // from a later time, for clocks can be set back while nobody watches: what had ended or set in by then may not have yet.
    let isAnew = standing.isAhead || standing.asOf < token.asOf
    let touched = plan.products(touchedBy: definitions.resources, definitions.products)
    for index in plan.slots.indices where !indices.contains(index) {
      let slot = plan.slots[index]
      if isAnew || touched.contains(slot.product.id)
        || slot.nextBoundary(after: token.asOf).map({ $0 <= standing.asOf }) == true
      {
        indices.insert(index)
      }
    }
    return WatchPosition.Missed(
      names: indices.sorted().map { plan.names[$0] }[...], removed: removed[...])
  }

  // The slots that came with the days since the token, by index, and the ends of those that went; nil where the reader knows
  // others than there were.
  private func difference(
    _ plan: WatchPlan
  ) throws(Refusal) -> (added: [Int], removed: [[UInt8]])? {
    guard let rolledAt = plan.today.began, token.asOf < rolledAt else {
      return plan.fingerprint == token.names ? ([], []) : nil
    }
    let old = try WatchPlan(
      plan.filter, in: engine.catalogue, calendars, at: token.asOf, mayBeOver: true)
    guard old.fingerprint == token.names else { return nil }
    let (before, now) = (Set(old.names), Set(plan.names))
    let removed = old.slots.indices.filter { !now.contains(old.names[$0]) }.map {
      WatchMessage.removal(old.slots[$0].product.id, slot: old.slots[$0].id)
    }
    return (plan.names.indices.filter { !before.contains(plan.names[$0]) }, removed)
  }

  private func recall() async throws(Refusal) -> Bool {
    do throws(EngineError) {
      return try await engine.recall(since: token.position)
    } catch {
      throw ErrorTable.refusal(for: error)
    }
  }
}
