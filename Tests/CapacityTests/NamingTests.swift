import Capacity
import SeededRandom
import Testing

/// Ids and codes of reservations.
struct NamingTests {
  @Test func everyNumberHasAnIDAndACodeOfItsOwn() {
    let naming = ReservationNaming(key: Seed.value)
    var ids: Set<String> = []
    var codes: Set<String> = []
    for number in UInt64(1)...100_000 {
      let id = naming.id(of: number)
      let code = naming.code(of: number)
      guard naming.number(ofID: id) == number, naming.number(ofCode: code) == number else {
        Issue.record("\(number) does not come back, seed \(Seed.value)")
        return
      }
      ids.insert(id)
      codes.insert(code)
    }
    #expect(ids.count == 100_000 && codes.count == 100_000)
    #expect(ids.allSatisfy { $0.utf8.count == 17 && $0.hasPrefix("rsv_") })
    #expect(codes.allSatisfy { $0.utf8.count == 9 })
    // Of each pair that looks alike at most one is in use.
    let letters = Set(codes.joined())
    for pair in ["0O", "1I"] { #expect(letters.intersection(pair).isEmpty) }
  }

  /// Callers keep ids and people keep codes, so a spelling stays for ever.
  @Test func spellingsStay() {
    let naming = ReservationNaming(key: 7)
    #expect(naming.id(of: 1) == "rsv_82jv50kpj4qej")
    #expect(naming.id(of: 1 << 40) == "rsv_9y8h8qydt8x2e")
    #expect(naming.code(of: 1) == "EDS6-T9X5")
    #expect(naming.code(of: (1 << 40) - 1) == "S4JD-R4MG")
  }

  @Test func theEndsOfTheRange() {
    let naming = ReservationNaming(key: 7)
    for number in [0, 1, UInt64.max, 1 << 63, 1 << 32] {
      #expect(naming.number(ofID: naming.id(of: number)) == number)
    }
    let code = naming.code(of: (1 << 40) - 1)
    #expect(naming.number(ofCode: code.lowercased()) == (1 << 40) - 1)
    #expect(naming.number(ofCode: code.filter { $0 != "-" }) == (1 << 40) - 1)
  }

  @Test(arguments: [
    "", "rsv_", "rsv_0123456789ab", "rsv_0123456789abcd", "RSV_0123456789abc",
    "rsv_0123456789ABC", "rsv_u123456789abc", "rsv_zzzzzzzzzzzzz", "xxx_0123456789abc",
    "rsv_0123456789ab\u{e9}",
  ])
  func whatIsNoID(_ text: String) {
    #expect(ReservationNaming(key: 7).number(ofID: text) == nil)
  }

  @Test func anotherStoreSpellsOtherwise() {
    #expect(ReservationNaming(key: 1).id(of: 1) != ReservationNaming(key: 2).id(of: 1))
  }
}
