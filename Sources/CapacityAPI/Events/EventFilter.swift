internal import CupoSchema

/// Which events a reader is shown.
struct EventFilter: Equatable, Sendable {
  /// Empty: all.
  var types: Set<CupoSchema.EventType>
  /// Only what concerns these sellers; empty: everybody.
  var sellerIDs: Set<String>
}
