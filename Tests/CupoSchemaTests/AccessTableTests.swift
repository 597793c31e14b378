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
    #expect(MethodEntry.all.count == 21)
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

  @Test func watchesStream() {
    let streaming = MethodEntry.all.filter(\.serverStreaming).map(\.name)
    #expect(Set(streaming) == ["WatchAvailability", "WatchEvents"])
    #expect(!MethodEntry.all.contains { $0.clientStreaming })
  }
}
