import Capacity
import CapacityEngine
import SeededRandom

/// Does at random whatever can change what a watcher sees.
struct Seller {
  let house: House
  var random: SplitMix
  private var numbers: [UInt64] = []
  private var acts = 0

  init(house: House, random: SplitMix) {
    self.house = house
    self.random = random
  }

  mutating func act() async throws {
    acts += 1
    switch Int.random(in: 0..<40, using: &random) {
    case 0..<16: try await reserve()
    case 16..<19: try await execute(.consume(resolve()))
    case 19..<23: try await execute(.release(resolve()))
    case 23..<25: try await execute(.cancel(resolve()))
    case 25..<29: try await extend()
    case 29: try await pause(.resource("turns"))
    case 30: try await pause(.product("ticket"))
    case 31: try await adjust()
    case 32:
      try await house.putBus(
        until: ["11:00", "12:00", "13:00"].randomElement(using: &random) ?? "")
    case 33: house.clock.advance(3600)
    default: house.clock.advance(Int64.random(in: 0..<20, using: &random))
    }
  }

  private mutating func reserve() async throws {
    let day = "2026-12-0\(Int.random(in: 1...5, using: &random))"
    let line: (product: String, slot: String) =
      switch Int.random(in: 0..<4, using: &random) {
      case 0: ("ticket", "")
      case 1: ("visit", day)
      case 2: ("seat", "\(day)T10:00:00+00:00")
      default: ("turn", "\(day)T1\(Int.random(in: 0...9, using: &random)):30:00+00:00")
      }
    let outcome = try await house.engine.execute(
      .reserve(
        Command.Reserve(
          key: IdempotencyKey(buyerID: "bea", key: "k\(random.next())"),
          lines: [
            Command.RequestedLine(productID: line.product, slot: line.slot, quantity: 1)
          ],
          ttl: Interval(seconds: Int64.random(in: 5..<90, using: &random)), reference: "",
          actor: "bea")))
    // What cannot be sold is refused, which is nothing to a watcher.
    if case .reserved(let reservation, _) = outcome { numbers.append(reservation.number) }
  }

  private mutating func resolve() -> Command.Resolve {
    Command.Resolve(
      number: numbers.randomElement(using: &random) ?? 1, scope: .anyone, actor: "che")
  }

  private mutating func extend() async throws {
    try await execute(
      .extend(
        Command.Extend(
          number: numbers.last ?? 1, scope: .anyone,
          ttl: Interval(seconds: Int64.random(in: 5..<200, using: &random)),
          requestID: "x\(acts)-\(random.next())", actor: "che")))
  }

  private mutating func pause(_ target: Command.SetPause.Target) async throws {
    try await execute(
      .setPause(
        Command.SetPause(target: target, paused: Bool.random(using: &random), actor: "ana")))
  }

  private mutating func adjust() async throws {
    try await execute(
      .adjustStock(
        Command.AdjustStock(
          resourceID: "hall", delta: Int64.random(in: -2...3, using: &random),
          requestID: "a\(random.next())", actor: "ana", reason: "delivery")))
  }

  private func execute(_ command: Command) async throws {
    _ = try await house.engine.execute(command)
  }
}
