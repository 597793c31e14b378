import CupoSchema
import Protobuf
import Testing

@Suite struct ErrorReasonTests {
  /// The status of every reason: the table that the system's description gives.
  private static let statuses: [(code: Int, reasons: [ErrorReason])] = [
    (
      3,
      [
        .fieldViolation, .malformedMessage, .slotMalformed, .pageTokenInvalid, .resumeTokenInvalid,
      ]
    ),
    (5, [.productNotFound, .resourceNotFound, .reservationNotFound, .noSlotAtTime]),
    (
      8,
      [
        .soldOut, .insufficientCapacity, .heldByOthers, .buyerLimitReached, .rateLimited,
        .messageTooLarge,
      ]
    ),
    (
      9,
      [
        .slotPast, .paused, .closed, .notYetOnSale, .saleEnded, .leadTime, .cutoffPassed,
        .beyondHorizon, .belowMinQuantity, .aboveMaxQuantity, .reservationExpired, .alreadyConsumed,
        .alreadyReleased, .alreadyCancelled, .notConsumed, .exceedsHeldQuantity, .extensionLimit,
        .stockBelowZero,
      ]
    ),
    (6, [.idempotencyKeyReused]), (10, [.versionConflict, .conflictRetry]),
    (16, [.tokenMissing, .tokenInvalid, .tokenExpired]), (7, [.roleNotAllowed, .notOwner]),
    (14, [.overloaded, .storageUnavailable, .shuttingDown]), (11, [.resumeTokenCompacted]),
    (4, [.deadlineExceeded]), (12, [.methodUnimplemented]), (13, [.internal]),
  ]

  @Test func everyReasonHasItsStatus() {
    for (code, reasons) in Self.statuses {
      for reason in reasons { #expect(reason.entry.code == code, "\(reason)") }
    }
    let known = Set(Self.statuses.flatMap(\.reasons))
    #expect(known == Set(ErrorReason.allCases.filter { $0 != .unspecified }))
  }

  @Test func everyEntryIsComplete() {
    for reason in ErrorReason.allCases where reason != .unspecified {
      let entry = reason.entry
      let texts = [
        entry.cause, entry.mitigation, entry.owner, entry.textEnglish, entry.textSpanish,
      ]
      #expect(texts.allSatisfy { !$0.isEmpty }, "\(reason)")
    }
  }

  @Test func namesCarryNoPrefix() {
    #expect(ErrorReason.soldOut.name == "SOLD_OUT")
    #expect(ErrorReason(rawValue: 4711).name == nil)
    #expect(ErrorReason(rawValue: 4711).entry.code == 2)
  }
}
