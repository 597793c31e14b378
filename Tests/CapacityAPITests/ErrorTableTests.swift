import Capacity
import CapacityEngine
import RPC
import SeededRandom
import Testing

@testable import CapacityAPI

/// The table from what went wrong to what is told, total over its cases (SYSTEM.md section 7).
struct ErrorTableTests {
  private static let noon = Instant(seconds: 1_796_126_400)

  private static let obstacles: [(Obstacle.Kind, StatusCode, String, [String: String])] = [
    (.slotMalformed, .invalidArgument, "SLOT_MALFORMED", [:]),
    (.productNotFound, .notFound, "PRODUCT_NOT_FOUND", ["product_id": "it"]),
    (.noSlotAtTime, .notFound, "NO_SLOT_AT_TIME", [:]),
    (.slotPast, .failedPrecondition, "SLOT_PAST", [:]),
    (.paused, .failedPrecondition, "PAUSED", [:]),
    (.closed(.vacation), .failedPrecondition, "CLOSED", ["closure": "VACATION"]),
    (
      .notYetOnSale, .failedPrecondition, "NOT_YET_ON_SALE",
      ["on_sale_from": "2026-12-01T12:00:00Z"]
    ),
    (
      .saleEnded(at: noon), .failedPrecondition, "SALE_ENDED", ["ended_at": "2026-12-01T12:00:00Z"]
    ),
    (
      .leadTime(earliest: noon), .failedPrecondition, "LEAD_TIME",
      ["earliest": "2026-12-01T12:00:00Z"]
    ),
    (
      .cutoffPassed(at: noon), .failedPrecondition, "CUTOFF_PASSED",
      ["cutoff_at": "2026-12-01T12:00:00Z"]
    ),
    (
      .beyondHorizon(latest: CivilDate(day: 0)), .failedPrecondition, "BEYOND_HORIZON",
      ["latest": "1970-01-01"]
    ),
    (
      .belowMinQuantity(2), .failedPrecondition, "BELOW_MIN_QUANTITY", ["min_quantity": "2"]
    ),
    (
      .aboveMaxQuantity(3), .failedPrecondition, "ABOVE_MAX_QUANTITY", ["max_quantity": "3"]
    ),
    (.buyerLimitReached(4), .resourceExhausted, "BUYER_LIMIT_REACHED", ["max_quantity": "4"]),
    (.soldOut, .resourceExhausted, "SOLD_OUT", [:]),
    (
      .insufficientCapacity(requested: 5, available: 2), .resourceExhausted,
      "INSUFFICIENT_CAPACITY", ["requested": "5", "available": "2"]
    ),
    (
      .heldByOthers(nextExpiry: noon), .resourceExhausted, "HELD_BY_OTHERS",
      ["next_expiry": "2026-12-01T12:00:00Z"]
    ),
  ]

  private func obstacle(_ kind: Obstacle.Kind) -> Obstacle {
    Obstacle(kind, subject: "it", until: ErrorTableTests.noon)
  }

  @Test func everyObstacle() throws {
    for (kind, code, reason, metadata) in ErrorTableTests.obstacles {
      let refusal = ErrorTable.refusal(
        for: Rejection.lines([LineFailure(line: 0, obstacle: obstacle(kind))]))
      let error = try Told(refusal.status(in: .english))
      #expect(error.code == code && error.reason == reason)
      #expect(error.metadata == metadata.merging(["line": "0"]) { $1 }, "\(reason)")
      #expect(error.preconditions == ["lines[0]"])
      #expect(!error.text.isEmpty)
    }
    let ranks = ErrorTableTests.obstacles.map { obstacle($0.0).rank }
    #expect(ranks == Array(0...16))
  }

  @Test func theStrongestOfAnyTwoLinesIsTold() throws {
    let all = ErrorTableTests.obstacles
    for (index, first) in all.enumerated() {
      for second in all[index...] {
        let refusal = ErrorTable.refusal(
          for: Rejection.lines([
            LineFailure(line: 0, obstacle: obstacle(second.0)),
            LineFailure(line: 1, obstacle: obstacle(first.0)),
          ]))
        let error = try Told(refusal.status(in: .english))
        #expect(error.reason == first.2)
        #expect(error.preconditions == ["lines[0]", "lines[1]"])
      }
    }
  }

  @Test func everyRejection() throws {
    let rows: [(Rejection, StatusCode, String, [String: String])] = [
      (.keyReused(field: "ttl"), .alreadyExists, "IDEMPOTENCY_KEY_REUSED", ["field": "ttl"]),
      (.reservationNotFound, .notFound, "RESERVATION_NOT_FOUND", [:]),
      (.reservationExpired([]), .failedPrecondition, "RESERVATION_EXPIRED", [:]),
      (
        .reservationExpired([LineFailure(line: 2, obstacle: obstacle(.soldOut))]),
        .failedPrecondition, "RESERVATION_EXPIRED", ["obstacle": "SOLD_OUT"]
      ),
      (.alreadyConsumed, .failedPrecondition, "ALREADY_CONSUMED", [:]),
      (.alreadyReleased, .failedPrecondition, "ALREADY_RELEASED", [:]),
      (.alreadyCancelled, .failedPrecondition, "ALREADY_CANCELLED", [:]),
      (
        .exceedsHeld(line: 1, requested: 3, held: 2), .failedPrecondition,
        "EXCEEDS_HELD_QUANTITY", ["line": "1", "requested": "3", "held": "2"]
      ),
      (
        .stockBelowZero(total: 3), .failedPrecondition, "STOCK_BELOW_ZERO", ["total": "3"]
      ),
      (.notConsumed, .failedPrecondition, "NOT_CONSUMED", [:]),
      (.extensionLimit(latest: nil), .failedPrecondition, "EXTENSION_LIMIT", [:]),
      (
        .extensionLimit(latest: ErrorTableTests.noon), .failedPrecondition, "EXTENSION_LIMIT",
        ["latest_expires_at": "2026-12-01T12:00:00Z"]
      ),
      (.versionConflict(current: 4), .aborted, "VERSION_CONFLICT", ["current_version": "4"]),
      (.resourceNotFound("r"), .notFound, "RESOURCE_NOT_FOUND", ["resource_id": "r"]),
      (.productNotFound("p"), .notFound, "PRODUCT_NOT_FOUND", ["product_id": "p"]),
      (
        .violations([Violation("a.b", "no")]), .invalidArgument, "FIELD_VIOLATION",
        ["field": "a.b"]
      ),
      (
        .violations([Violation("a.b", "no", isSlotSpelling: true)]), .invalidArgument,
        "SLOT_MALFORMED", ["field": "a.b"]
      ),
    ]
    for (rejection, code, reason, metadata) in rows {
      let error = try Told(ErrorTable.refusal(for: rejection).status(in: .spanish))
      #expect(error.code == code && error.reason == reason && error.metadata == metadata)
    }
  }

  @Test func theEnginesErrorsAskForPatience() throws {
    let rows: [(EngineError, String)] = [
      (.storageUnavailable, "STORAGE_UNAVAILABLE"), (.overloaded, "OVERLOADED"),
      (.stopping, "SHUTTING_DOWN"),
    ]
    for (failure, reason) in rows {
      let error = try Told(ErrorTable.refusal(for: failure).status(in: .english))
      #expect(error.code == .unavailable && error.reason == reason)
      #expect(error.retryAfter ?? 0 > 0)
    }
  }

  @Test(arguments: [
    (nil, "en"), ("", "en"), ("es", "es"), ("es-CO", "es"), ("ES", "es"), ("en-GB,es;q=0.9", "en"),
    ("es;q=0.9, en;q=0.5", "es"), ("en;q=0.5, es;q=0.9", "es"), ("fr, es;q=0.1", "es"),
    ("fr", "en"), ("*", "en"), ("es;q=0", "en"), ("est", "en"), ("es;q=x", "es"), (",,;;,", "en"),
    ("es;q=1.5, en", "es"), ("en;q=nan, es", "en"), ("es;q=inf", "es"), ("es;q=-nan", "es"),
  ])
  func languages(_ header: String?, _ expected: String) {
    #expect(Language(acceptLanguage: header).rawValue == expected, "\(header ?? "none")")
  }

  @Test func pageTokensRoundTripAndGarbageIsNone() {
    var random = SplitMix(seed: Seed.value)
    for _ in 0..<1000 {
      let token = PageToken(
        date: CivilDate(day: .random(in: 0...84_005, using: &random)),
        ordinal: .random(in: .min ... .max, using: &random))
      #expect(PageToken(token.text) == token)
    }
    for text in [
      "", ".", "1..", "1.a", "2.a.b", "1.a.b.c", "1.+a.b", "1.A.b", "1.-1.0", "1.zzzz.0",
    ] {
      #expect(PageToken(text) == nil, "\(text)")
    }
  }
}
