import CupoContract
import CupoSchema
import Protobuf
import RPC
import Synchronization
import Testing

/// A right server made wrong in one way: the check for that must fail.
@Suite struct MutationTests {
  /// One way of being wrong, and a check that has to notice.
  struct Mutation: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let check: String
    let meddling: MeddlingProxy.Meddling

    init(
      _ name: String, noticedBy check: String,
      _ change: (inout MeddlingProxy.Meddling) -> Void
    ) {
      testDescription = name
      self.check = check
      var meddling = MeddlingProxy.Meddling()
      change(&meddling)
      self.meddling = meddling
    }
  }

  private static let counter = Counter()

  private final class Counter: Sendable {
    private let value = Atomic(0)
    func next() -> Int { value.add(1, ordering: .relaxed).newValue }
  }

  static let mutations: [Mutation] = [
    Mutation("keys are forgotten", noticedBy: "Reserve key: a replay is the same") {
      $0.reserve = { if !$0.idempotencyKey.isEmpty { $0.idempotencyKey = "\(counter.next())" } }
    },
    Mutation("keys are forgotten, in a race", noticedBy: "Reserve key: calls at the same time") {
      $0.reserve = { if !$0.idempotencyKey.isEmpty { $0.idempotencyKey = "\(counter.next())" } }
    },
    Mutation("references are not compared", noticedBy: "Reserve key: another payload, reference") {
      $0.reserve = { if $0.reference.utf8.count < 129 { $0.reference = "" } }
    },
    Mutation("replays are not marked", noticedBy: "Reserve key: a replay shows") {
      $0.reserved = { $0.replayed = false }
    },
    Mutation("only the first line is held", noticedBy: "Reserve sums lines") {
      $0.reserve = { if $0.lines.count == 2 { $0.lines.removeLast() } }
    },
    Mutation("the caller's time to live is ignored", noticedBy: "Reserve ttl: as asked") {
      $0.reserve = { if ($0.ttl?.seconds ?? 0) > 0 { $0.ttl = nil } }
    },
    Mutation("what is expired is always taken again", noticedBy: "EXPIRED: RESERVATION_EXPIRED") {
      $0.consume = { $0.reacquireIfExpired = true }
    },
    Mutation("amounts are ignored", noticedBy: "Consume amounts: sells a part") {
      $0.consume = { $0.amounts = [] }
    },
    Mutation("repeats of Consume are not marked", noticedBy: "CONSUMED: a repeat") {
      $0.consumed = { $0.replayed = false }
    },
    Mutation("amounts to release are ignored", noticedBy: "Release amounts: gives back a part") {
      $0.release = { $0.amounts = [] }
    },
    Mutation("repeats of Release are not marked", noticedBy: "RELEASED: a repeat") {
      $0.released = { $0.replayed = false }
    },
    Mutation("versions are not compared", noticedBy: "PutResource version: VERSION_CONFLICT") {
      $0.put = { $0.expectedVersion = 0 }
    },
    Mutation("validate_only is ignored", noticedBy: "PutResource version: validate_only") {
      $0.put = { $0.validateOnly = false }
    },
    Mutation("what is held is not counted", noticedBy: "Reserve holds the units") {
      $0.listed = { for index in $0.slots.indices { $0.slots[index].held = 0 } }
    },
    Mutation("the last slot is missing", noticedBy: "GetAvailability every slot") {
      $0.listed = { $0.slots = Array($0.slots.dropLast()) }
    },
    Mutation("days count closed slots as left", noticedBy: "GetCalendar a day that is shut") {
      $0.summed = { for index in $0.days.indices { $0.days[index].totalRemaining = 3 } }
    },
    Mutation("a group is promised the whole day", noticedBy: "GetCalendar a group fits") {
      $0.summed = {
        for index in $0.days.indices {
          $0.days[index].largestParty = $0.days[index].totalRemaining
        }
      }
    },
    Mutation("answers come in another order", noticedBy: "one answer for each check") {
      $0.answered = { $0.answers.reverse() }
    },
    Mutation("outcomes come in another order", noticedBy: "BatchReserve one outcome for each") {
      $0.batched = { $0.outcomes.reverse() }
    },
    Mutation("only the first obstacle is told", noticedBy: "every obstacle") {
      $0.explained = { $0.obstacles = Array($0.obstacles.prefix(1)) }
    },
    Mutation("tokens are forgotten", noticedBy: "ListProducts pages hold") {
      $0.products = { $0.pageToken = "" }
    },
    Mutation("a pause is not set", noticedBy: "SetPause a product stops") {
      $0.pause = { $0.paused = false }
    },
    Mutation("deltas are lost", noticedBy: "WatchAvailability a snapshot") {
      $0.watched = { $0.kind != .delta }
    },
    Mutation("the snapshot has no end", noticedBy: "WatchAvailability a snapshot") {
      $0.watched = { $0.kind != .snapshotEnd }
    },
    Mutation("details are dropped", noticedBy: "Reserve PRODUCT_NOT_FOUND") {
      $0.failed = { $0.details = [] }
    },
  ]

  // One after another: each keeps a core busy for a second or two, and other tests have clocks running.
  @Test(.serialized, arguments: mutations)
  func isNoticed(_ mutation: Mutation) async throws {
    let real = try await RealServer.start()
    try await MeddlingProxy.run(MeddlingProxy.Meddling(), before: real.target) { target in
      let report = try await ContractSuite.run(target, filter: mutation.check)
      #expect(report.passed, "without the mutation: \(report.text())")
    }
    try await MeddlingProxy.run(mutation.meddling, before: real.target) { target in
      let report = try await ContractSuite.run(target, filter: mutation.check)
      #expect(!report.results.isEmpty, "there is no such check")
      #expect(!report.failures.isEmpty, "nobody noticed")
    }
    await real.stop()
  }
}
