internal import CapacityAPI

/// What a server lets its callers ask for.
struct LimitSettings: Equatable {
  var rates = RateRules([])
  var callsPerConnectionMax = 1_000
  var connectionsMax = 16_384
  /// nil: as old as they get.
  var connectionAgeMax: Duration?
  /// nil: as long as they like.
  var connectionIdleMax: Duration?
  /// How long calls wait for their turn that have no deadline.
  var patience = Duration.seconds(10)
}
