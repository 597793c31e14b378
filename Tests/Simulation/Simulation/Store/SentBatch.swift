import Capacity
import CapacityEngine

/// What a node decided ahead and sent to its store, as the world knows it. One thread has it, the simulator's.
final class SentBatch: @unchecked Sendable {
  enum State {
    case underWay
    /// Another writer came first: it is decided anew.
    case refused
    /// It is not written, and nobody knows.
    case lost
    /// It is written, and the node was told that it is not.
    case torn
    case written
  }

  /// What was decided together, in that order.
  struct Portion {
    var at: Instant
    var lanes: LaneSet
    var letters: [Letter]
  }

  var state = State.underWay
  /// It failed, and a planted bug has its node keep it.
  var isKept = false
  var portions: [Portion] = []
  /// Where it stands in the log, once it is written.
  var place: LogPlace?
  /// As the node's memory had them.
  var zones: Truth.Zones = [:]
}
