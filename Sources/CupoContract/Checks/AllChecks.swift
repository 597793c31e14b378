internal import CupoSchema
internal import Protobuf
internal import RPC

/// Every check of the suite.
enum AllChecks {
  /// In the order of the contract, then what is about the server as a whole.
  static func list() -> [ContractCheck] {
    let all =
      RuleChecks.list() + WireChecks.list() + AbsenceChecks.list()
      + ReserveChecks.list() + RefusalChecks.list() + SaleRuleChecks.list() + KeyChecks.list()
      + ConsumeChecks.list()
      + ReleaseChecks.list() + PartialChecks.list()
      + ExtendChecks.list() + CancelChecks.list() + StockChecks.list()
      + ReservationListChecks.list() + VersionChecks.list() + InventoryChecks.list()
      + AvailabilityChecks.list() + CalendarChecks.list() + QuestionChecks.list()
      + WatchChecks.list() + ListChecks.list() + PauseChecks.list()
      + EventChecks.list()
    let order = MethodEntry.all.map(\.path)
    return order.flatMap { path in all.filter { $0.path == path } }
      + all.filter { !order.contains($0.path) } + ServerChecks.list()
  }
}
