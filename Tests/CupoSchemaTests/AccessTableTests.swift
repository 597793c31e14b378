import CupoSchema
import Protobuf
import Testing

@Suite struct AccessTableTests {
  @Test func everyMethodMakesItsPromises() {
    for entry in MethodEntry.all {
      #expect(!entry.contract.roles.isEmpty, "\(entry.path)")
      #expect(entry.contract.roles.allSatisfy { $0.isKnown }, "\(entry.path)")
      #expect(entry.contract.idempotency.isKnown, "\(entry.path)")
      #expect(entry.contract.errors.allSatisfy { $0.isKnown }, "\(entry.path)")
      #expect(
        entry.serverStreaming == (entry.contract.defaultDeadlineMilliseconds == 0), "\(entry.path)")
      #expect(MethodContract.of(path: entry.path) == entry.contract)
    }
    #expect(MethodEntry.all.count == 24)
    #expect(MethodContract.of(path: "/cupo.capacity.v1.CapacityService/Nothing") == nil)
  }

  @Test func reserve() {
    let method = CapacityService.reserve
    #expect(method.path == "/cupo.capacity.v1.CapacityService/Reserve")
    let contract = MethodContract.of(path: method.path)
    #expect(contract?.roles == [.buyer, .checkout, .admin])
    #expect(contract?.ownership == .buyer)
    #expect(contract?.idempotency == .keyed)
    #expect(contract?.defaultDeadlineMilliseconds == 2000)
  }

  /// The access table as people read it, one letter a role: Buyer, Seller, Checkout, searcH, Worker, sUpport, Finance, Admin.
  /// Said here once more, so that no entry of the contract changes by itself.
  static let table: [String: (roles: String, ownership: Ownership)] = [
    "GetAvailability": ("BSCHWUFA", .unspecified),
    "GetCalendar": ("BSCHWUFA", .unspecified),
    "BatchGetAvailability": ("BSCHWUFA", .unspecified),
    "ExplainAvailability": ("BSCHWUFA", .buyer),
    "WatchAvailability": ("BSCHUA", .sellerOrNamed),
    "PutResource": ("SA", .seller),
    "GetResource": ("SCHUFA", .seller),
    "ListResources": ("SCHUFA", .seller),
    "AdjustStock": ("SA", .seller),
    "PutProduct": ("SA", .seller),
    "GetProduct": ("SCHUFA", .seller),
    "ListProducts": ("SCHUFA", .seller),
    "SetPause": ("SUA", .seller),
    "Reserve": ("BCA", .buyer),
    "BatchReserve": ("BCA", .buyer),
    "Consume": ("BCWA", .buyer),
    "Release": ("BCWUA", .buyer),
    "Extend": ("BCWA", .buyer),
    "Cancel": ("SCUA", .seller),
    "GetReservation": ("BSCWUFA", .buyerOrSeller),
    "ListReservations": ("BSCWUFA", .buyerOrSeller),
    "WatchEvents": ("SWUA", .seller),
    "ListAuditEntries": ("UFA", .unspecified),
    "WatchAuditEntries": ("UFA", .unspecified),
  ]

  @Test func theTableIsAsItWasAgreed() {
    let letters: [Role: Character] = [
      .buyer: "B", .seller: "S", .checkout: "C", .search: "H", .worker: "W", .support: "U",
      .finance: "F", .admin: "A",
    ]
    for entry in MethodEntry.all {
      let roles = String(entry.contract.roles.compactMap { letters[$0] })
      #expect(Self.table[entry.name]?.roles == roles, "\(entry.name)")
      #expect(Self.table[entry.name]?.ownership == entry.contract.ownership, "\(entry.name)")
    }
    #expect(Self.table.count == MethodEntry.all.count)
  }

  @Test func watchesStream() {
    let streaming = MethodEntry.all.filter(\.serverStreaming).map(\.name)
    #expect(Set(streaming) == ["WatchAvailability", "WatchEvents", "WatchAuditEntries"])
    #expect(!MethodEntry.all.contains { $0.clientStreaming })
  }
}
