import CupoClient
import CupoSchema
import Protobuf
import RPC
import RPCSchema
import Testing

@testable import cupo

@Suite struct ErrorTests {
  // Every reason appears: a new one fails this test until somebody decides what it means to scripts.
  private static let expected: [(cupo.ExitStatus, [ErrorReason])] = [
    (
      .refused,
      [
        .soldOut, .insufficientCapacity, .heldByOthers, .buyerLimitReached, .slotPast, .paused,
        .closed, .notYetOnSale, .saleEnded, .leadTime, .cutoffPassed, .beyondHorizon,
        .belowMinQuantity, .aboveMaxQuantity, .reservationExpired, .alreadyConsumed,
        .alreadyReleased, .alreadyCancelled, .notConsumed, .exceedsHeldQuantity, .extensionLimit,
        .stockBelowZero,
      ]
    ),
    (
      .usage,
      [
        .messageTooLarge, .fieldViolation, .malformedMessage, .slotMalformed, .pageTokenInvalid,
        .resumeTokenInvalid,
      ]
    ),
    (.notFound, [.productNotFound, .resourceNotFound, .reservationNotFound, .noSlotAtTime]),
    (
      .conflict,
      [.idempotencyKeyReused, .versionConflict, .conflictRetry, .resumeTokenCompacted]
    ),
    (
      .notAllowed,
      [.tokenMissing, .tokenInvalid, .tokenExpired, .roleNotAllowed, .notOwner]
    ),
    (
      .unavailable,
      [.rateLimited, .overloaded, .storageUnavailable, .shuttingDown, .deadlineExceeded]
    ),
    (.unexpected, [.methodUnimplemented, .internal]),
  ]

  @Test func `every reason has its exit code`() {
    var seen: Set<ErrorReason> = [.unspecified]
    for (status, reasons) in Self.expected {
      for reason in reasons {
        #expect(cupo.ExitStatus(CupoError(.unknown, reason, "")) == status, "\(reason)")
        seen.insert(reason)
      }
    }
    #expect(seen == Set(ErrorReason.allCases))
  }

  @Test func `without a reason the status decides`() {
    for code in StatusCode.allCases {
      #expect(cupo.ExitStatus(CupoError(code, .unspecified, "")) == cupo.ExitStatus(code: code))
    }
    #expect(cupo.ExitStatus(code: .unavailable) == .unavailable)
    #expect(cupo.ExitStatus(code: .unimplemented) == .unexpected)
  }

  private func rich() -> CupoError {
    var info = ErrorInfo()
    (info.reason, info.domain) = ("HELD_BY_OTHERS", "cupo")
    var entry = ErrorInfo.MetadataEntry()
    (entry.key, entry.value) = ("next_expiry", "2026-11-01T13:00:00Z")
    info.metadata = [entry]
    var request = BadRequest()
    var violation = BadRequest.FieldViolation()
    (violation.field, violation.description) = ("lines[0].slot", "Wrong.")
    request.fieldViolations = [violation]
    var failure = PreconditionFailure()
    var line = PreconditionFailure.Violation()
    (line.type, line.subject, line.description) = ("HELD_BY_OTHERS", "lines[0]", "Held.")
    failure.violations = [line, line]
    var retry = RetryInfo()
    retry.retryDelay = ProtobufDuration(seconds: 2, nanos: 500_000_000)
    var text = LocalizedMessage()
    (text.locale, text.message) = ("es", "Otra persona…")
    var damaged = ProtobufAny(packing: info)
    damaged.value = [0xff]
    var status = RPCSchema.Status()
    status.details = [
      damaged, ProtobufAny(packing: info), ProtobufAny(packing: request),
      ProtobufAny(packing: failure), ProtobufAny(packing: retry), ProtobufAny(packing: text),
    ]
    return CupoError(
      RPCError(code: .resourceExhausted, message: "held", details: status.encoded()))
  }

  @Test func `all details of a status are read, damaged ones left out`() {
    let error = rich()
    #expect(error.reason == .heldByOthers)
    #expect(error.metadata == ["next_expiry": "2026-11-01T13:00:00Z"])
    #expect(
      error.fieldViolations == [FieldViolation(field: "lines[0].slot", description: "Wrong.")])
    #expect(error.preconditions.map(\.subject) == ["lines[0]", "lines[0]"])
    #expect(error.retryAfter == .milliseconds(2_500))
    #expect(error.text() == "Otra persona…")
  }

  @Test func `an error says what happened, why, and what to do`() {
    #expect(
      ErrorText.lines(rich(), language: "en") == [
        "Otra persona…", "  reason: HELD_BY_OTHERS (RESOURCE_EXHAUSTED)",
        "  next_expiry: 2026-11-01T13:00:00Z", "  - lines[0].slot: Wrong.",
        "  - lines[0]: HELD_BY_OTHERS, Held.", "  - lines[0]: HELD_BY_OTHERS, Held.",
        "  to do: \(ErrorReason.heldByOthers.entry.mitigation)", "  retry after: 2.500s",
      ])
    #expect(ErrorText.json(rich(), language: "en").line.contains(#""retry_after":"2.500s""#))
  }

  @Test func `without details the catalogue and the message speak`() {
    let late = CupoError(RPCError(code: .deadlineExceeded, message: "late"))
    #expect(late.reason == .deadlineExceeded)
    #expect(late.text(in: "es-CO") == ErrorReason.deadlineExceeded.entry.textSpanish)
    let foreign = CupoError(RPCError(code: .unknown, message: "proxy", details: [1, 2, 3]))
    #expect(foreign.text() == "proxy")
    #expect(foreign.mitigation == nil)
    #expect(ErrorText.lines(foreign, language: "en") == ["proxy", "  reason: UNKNOWN"])
  }
}
