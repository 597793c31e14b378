import Capacity
import Testing

@testable import CapacityEngine

/// What a batch has to know of buyers whose units of a product are limited.
struct BuyerNeedsTests {
  private static func secondTry(_ number: UInt64) -> Command {
    .consume(Command.Resolve(number: number, scope: .anyone, actor: "bea", reacquire: true))
  }

  private func refusal(_ result: Result<Outcome, EngineError>) -> Obstacle.Kind? {
    guard case .success(.rejected(.reservationExpired(let failures))) = result else { return nil }
    return failures.first?.obstacle.kind
  }

  /// Of a buyer a new Reserve needs two days, a second try those around its own Reserve: in one batch, both.
  @Test func whatOneCommandFindsTooMuchAnotherNeeds() throws {
    let bench = try Bench()
    var ticket = Product(id: "ticket", sellerID: "sol", draws: [Draw(resourceID: "hall")])
    ticket.limits.maxPerBuyerPerDay = 1
    _ = bench.turn([.putProduct(Command.PutProduct(product: ticket, actor: "ana"))])
    _ = bench.turn([Shop.reserve("a")])
    bench.clock.advance(61)
    _ = bench.turn([Shop.reserve("b")])
    _ = bench.turn([Shop.consume(2)])
    #expect(refusal(bench.turn([Self.secondTry(1)])[0]) == .buyerLimitReached(1))
    bench.clock.advance(49 * 3_600)
    let answers = bench.turn([Shop.reserve("c"), Self.secondTry(1)])
    #expect(try answers[0].get().reservation?.number == 3)
    #expect(refusal(answers[1]) == .buyerLimitReached(1))
  }
}
