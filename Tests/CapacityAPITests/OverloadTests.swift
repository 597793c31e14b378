import Capacity
import CapacityEngine
import CupoSchema
import MemoryStorage
import Protobuf
import RPC
import Synchronization
import Testing

@testable import CapacityAPI

/// More calls than a server can carry, at a pace that does not wait for answers. The store sets what it can carry, so that the machine
/// does not: a commit takes 80 ms and has eight reservations at most. How much of them is served in time is not seen here, where other
/// tests take the processor away, but by a clock that the test sets: `MailboxTests.fiveTimesTheLoadLeavesTheGoodput`.
@Suite(.timeLimit(.minutes(5)))
struct OverloadTests {
  /// What became of calls.
  private final class Tally: Sendable {
    struct Content {
      var answered = 0
      var refused = 0
      var late = 0
      var others: [String] = []
    }

    private let content = Mutex(Content())
    var value: Content { content.withLock { $0 } }
    func change(_ body: (inout Content) -> Void) { content.withLock { body(&$0) } }
  }

  private static func count(
    _ tally: Tally, _ call: @Sendable () async throws(RPCError) -> Void
  ) async {
    do throws(RPCError) {
      try await call()
      tally.change { $0.answered += 1 }
    } catch {
      tally.change { tally in
        // An answer that is none in time has no details where the client itself gave up.
        let told = error.details.isEmpty ? nil : try? Told(error)
        switch (error.code, told?.reason) {
        case (.unavailable, "OVERLOADED"?) where told?.retryAfter ?? 0 >= 100: tally.refused += 1
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

  // As many at a time as keep the store busy: from these the server learns what it can carry.
  private func carry(_ house: House) async -> Tally.Content {
    let tally = Tally()
    await withTaskGroup { group in
      for _ in 0..<32 {
        group.addTask {
          for _ in 0..<5 {
            await Self.count(tally) { () throws(RPCError) in try await house.reserve("ticket") }
          }
        }
      }
    }
    return tally.value
  }

  @Test func whoIsNotServedIsToldSoAndReleasesPass() async throws {
    let house = try await open()
    let id = try await house.reserve("ticket").reservation?.reservationID ?? ""
    let carried = await carry(house)
    #expect(carried.answered > 0 && carried.others == [])
    let (reserved, released) = (Tally(), Tally())
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<40 {
        for _ in 0..<50 {
          group.addTask {
            await Self.count(reserved) { () throws(RPCError) in
              try await house.reserve("ticket", timeout: .seconds(3))
            }
          }
        }
        // Giving back is not turned away, however little time it has for how much waits.
        group.addTask {
          await Self.count(released) { () throws(RPCError) in
            try await house.release(id, timeout: .seconds(1))
          }
        }
        try await Task.sleep(for: .milliseconds(100))
      }
      try await group.waitForAll()
    }
    for (what, tally) in [("reserved", reserved.value), ("released", released.value)] {
      #expect(tally.others == [])
      print("overload: \(tally.answered) \(what), \(tally.refused) refused, \(tally.late) late")
    }
    #expect(reserved.value.answered >= 32 && reserved.value.refused >= 32)
    #expect(released.value.answered > 0 && released.value.refused == 0)
    await house.close()
  }
}
