import Capacity
import CapacityEngine

/// One server: its engine while it is up, and what the world knows of it.
final class Node {
  let clock = VirtualClock()
  /// How far its clock is off.
  var skew: Int64 = 0
  var engine: SteppedEngine?
  /// What waits in its mailbox, in order.
  var waiting: [Letter] = []
  var urgentCount = 0
  /// The zone of each resource as its memory has it.
  var zones: Truth.Zones = [:]
  /// The decision clock, which must never go back while the node lives.
  var decision = Instant.distantPast
  /// Its last write failed, and it knows no more than that.
  var isStorageDown = false
  var isUncertain = false
  /// Until when it may rest after a failure.
  var restsUntil = Instant.distantPast

  var isUp: Bool { engine != nil }

  func forget() {
    engine = nil
    waiting.removeAll()
    urgentCount = 0
    (isStorageDown, isUncertain) = (false, false)
    restsUntil = .distantPast
    decision = .distantPast
  }
}
