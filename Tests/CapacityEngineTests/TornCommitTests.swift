import Capacity
import MemoryStorage
import Testing

@testable import CapacityEngine

/// A commit that failed and was written all the same, as the simulator met it.
struct TornCommitTests {
  @Test func theDecisionClockStaysWhenTheStoreIsReadAnew() throws {
    let bench = try Bench()
    bench.faults.arm(.writeThenFail(Faults.full), at: .commit)
    _ = bench.turn([Shop.reserve("a")])
    bench.clock.advance(10)
    // Readers are told this instant while nothing is known of the store.
    bench.faults.arm(.fail(Faults.full), at: .lane)
    let told = try #require(bench.read()?.asOf)
    bench.clock.advance(-5)
    #expect(try #require(bench.read()?.asOf) == told)
  }

  @Test func aBatchIsDividedByTheCatalogueThatIsReadAnew() throws {
    let bench = try Bench()
    var limited = Product(id: "ticket", sellerID: "sol", draws: [Draw(resourceID: "hall")])
    limited.limits.maxHeldPerBuyer = 5
    _ = bench.turn([Self.put(limited)])
    bench.faults.arm(.writeThenFail(Faults.full), at: .commit)
    _ = bench.turn([Shop.ticket])
    // Memory has the limit, the store has not: putting it is a change, and what follows needs its buyer.
    let outcomes = bench.turn([Self.put(limited), Shop.reserve("a")])
    #expect(outcomes.allSatisfy { (try? $0.get()) != nil })
  }

  private static func put(_ product: Product) -> Command {
    .putProduct(Command.PutProduct(product: product, actor: "ana"))
  }
}
