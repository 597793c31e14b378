internal import CupoSchema
internal import Protobuf
internal import RPC

/// Every check of the suite.
enum AllChecks {
  /// In the order of the contract, then what is about the server as a whole.
  static func list() -> [ContractCheck] {
    // A list of lists: the compiler takes very long over as many additions.
    let all: [ContractCheck] = [
      RuleChecks.list(), WireChecks.list(), AbsenceChecks.list(), ReserveChecks.list(),
      BatchReserveChecks.list(), RefusalChecks.list(), SaleRuleChecks.list(), KeyChecks.list(),
      ConsumeChecks.list(),
      ReleaseChecks.list(), PartialChecks.list(), ExtendChecks.list(), CancelChecks.list(),
      StockChecks.list(), ReservationListChecks.list(), VersionChecks.list(),
      InventoryChecks.list(), AvailabilityChecks.list(), CalendarChecks.list(),
      QuestionChecks.list(), WatchChecks.list(), ListChecks.list(), PauseChecks.list(),
      EventChecks.list(), BuyerChecks.list(), TriggerChecks.list(), ImpactChecks.list(),
      AccessChecks.list(), OwnershipChecks.list(), LimitChecks.list(), AuditChecks.list(),
    ].flatMap { $0 }
    let order = MethodEntry.all.map(\.path)
    return order.flatMap { path in all.filter { $0.path == path } }
      + all.filter { !order.contains($0.path) } + ServerChecks.list()
  }
}
