import Capacity
import CapacityEngine
import Testing

/// Reservations newest first, of every adapter.
@Suite("The storage contract: lists")
struct ListContractTests {
  private struct Case: CustomStringConvertible {
    var buyer: String?
    var holdingOnly: Bool
    var limit: Int
    var description: String { "\(buyer ?? "any") \(holdingOnly) \(limit)" }
  }

  @Test(arguments: Adapter.allCases)
  func pagesJoinFromTheLastToTheFirst(adapter: Adapter) throws {
    let storage = try adapter.place().open()
    let changes = Samples.batch(from: 1, count: 60)
    try storage.write(changes)
    for buyer in [nil, "buyer-3", "buyer-", "nobody"] {
      for holdingOnly in [false, true] {
        for limit in [1, 2, 7, 100] {
          let expected = changes.reservations.reversed().filter {
            (buyer == nil || $0.buyerID == buyer) && (!holdingOnly || $0.isHolding)
          }
          let found = try all(storage, buyer, holdingOnly, limit)
          #expect(
            found == expected, "\(Case(buyer: buyer, holdingOnly: holdingOnly, limit: limit))")
        }
      }
    }
    storage.close()
  }

  private func all(
    _ storage: any Storage, _ buyer: String?, _ holdingOnly: Bool, _ limit: Int
  ) throws -> [Reservation] {
    var found: [Reservation] = []
    while true {
      let page = try storage.reservations(
        before: found.last?.number, limit: limit, ofBuyer: buyer, holdingOnly: holdingOnly)
      #expect(page.count <= limit)
      found += page
      if page.count < limit { return found }
    }
  }
}
