import Capacity
import CapacityEngine
import CupoSchema
import MemoryStorage
import Protobuf
import RPC
import Synchronization
import Testing

@testable import CapacityAPI

/// Five times the load that a server can carry, at a pace that does not wait for answers. The store sets what it can carry, so that
/// the machine does not: a commit takes 80 ms and has eight reservations at most.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct OverloadTests {
  private static let deadline = Duration.seconds(2)

  /// What became of calls.
  private final class Tally: Sendable {
    struct Content {
      var answered: [Duration] = []
      var refused: [Duration] = []
      var late = 0
      var others: [String] = []
    }

    private let content = Mutex(Content())
    var value: Content { content.withLock { $0 } }
    func change(_ body: (inout Content) -> Void) { content.withLock { body(&$0) } }
  }

  private static func call(_ client: Client, _ key: String, _ tally: Tally) async {
    var request = ReserveRequest()
    request.idempotencyKey = key
    request.lines = [CupoSchema.Line()]
    request.lines[0].productID = "ticket"
    request.lines[0].quantity = 1
    request.buyerID = "bea"
    let start = ContinuousClock.now
    do throws(RPCError) {
      _ = try await client.unary(CapacityService.reserve, request, timeout: deadline)
      tally.change { $0.answered.append(.now - start) }
    } catch {
      tally.change { tally in
        // An answer that is none in time has no details where the client itself gave up.
        let told = error.details.isEmpty ? nil : try? Told(error)
        switch (error.code, told?.reason) {
        case (.unavailable, "OVERLOADED"?) where told?.retryAfter ?? 0 >= 100:
          tally.refused.append(.now - start)
        case (.deadlineExceeded, _): tally.late += 1
        default: tally.others.append("\(error)")
        }
      }
    }
  }

  private func open() async throws -> House {
    let house = try await House(batchMax: 8)
    try await house.furnish()
    try await house.put(
      Resource(id: "hall", sellerID: "sol", inventory: .stock(total: .units(1_000_000))))
    house.faults.arm(.delay(microseconds: 80_000), at: .commit, count: 1_000_000)
    return house
  }

  // As many at a time as keep the store busy.
  private func peak(_ house: House) async -> Double {
    let (client, tally, start) = (house.client, Tally(), ContinuousClock.now)
    await withTaskGroup { group in
      for worker in 0..<32 {
        group.addTask {
          var index = 0
          while start + .seconds(2) > .now {
            await Self.call(client, "p\(worker)-\(index)", tally)
            index += 1
          }
        }
      }
    }
    return Double(tally.value.answered.count) / ((ContinuousClock.now - start) / .seconds(1))
  }

  /// What came of one try.
  private struct Outcome {
    let peak: Double
    let goodput: Double
    let result: Tally.Content

    var p99: Duration { OverloadTests.p99(result.answered) }
    var refusedP99: Duration { OverloadTests.p99(result.refused) }

    /// Goodput over 80 % of the peak, latency under the deadline, and who is turned away is so at once.
    var holds: Bool {
      goodput > 0.8 * peak && p99 < deadline && refusedP99 < deadline / 2
        && result.late * 10 < result.answered.count
        && result.refused.count > 2 * result.answered.count
    }

    var text: String {
      "overload: peak \(Int(peak))/s, goodput \(Int(goodput))/s of \(Int(peak * 5))/s offered, p99 \(p99), "
        + "\(result.refused.count) refused (p99 \(refusedP99)), \(result.late) late"
    }
  }

  @Test func fiveTimesTheLoadLeavesTheGoodput() async throws {
    // Other tests run beside this one, and take its processor away: one of three tries has to show it.
    var outcome = try await offer()
    for _ in 0..<2 where !outcome.holds { outcome = try await offer() }
    #expect(outcome.holds, "\(outcome.text)")
    #expect(outcome.result.others == [])
  }

  private func offer() async throws -> Outcome {
    let house = try await open()
    let id = try await house.reserve("ticket").reservation?.reservationID ?? ""
    let peak = await peak(house)
    let (client, tally, start) = (house.client, Tally(), ContinuousClock.now)
    let length = Duration.seconds(4)
    try await withThrowingTaskGroup(of: Void.self) { group in
      var sent = 0
      while start + length > .now {
        let due = Int((ContinuousClock.now - start) / .seconds(1) * peak * 5)
        for index in sent..<max(sent, due) {
          group.addTask { await Self.call(client, "o\(index)", tally) }
        }
        sent = max(sent, due)
        // Giving back is not turned away, whoever else is.
        if sent % 7 == 0 { group.addTask { _ = try await house.release(id) } }
        try await Task.sleep(for: .milliseconds(10))
      }
      try await group.waitForAll()
    }
    let seconds = length / .seconds(1)
    let outcome = Outcome(
      peak: peak, goodput: Double(tally.value.answered.count) / seconds, result: tally.value)
    print(outcome.text)
    await house.close()
    return outcome
  }

  private static func p99(_ durations: [Duration]) -> Duration {
    let sorted = durations.sorted()
    return sorted.isEmpty ? .zero : sorted[min(sorted.count - 1, sorted.count * 99 / 100)]
  }
}
