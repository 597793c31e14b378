internal import CupoSchema
internal import Protobuf
internal import RPC
internal import RPCSchema

/// What is about the server as a whole, not one RPC.
enum ServerChecks {
  static func list() -> [ContractCheck] {
    let unknown = [
      ("method", "/cupo.capacity.v1.CapacityService/Refund"),
      ("method in another case", "/cupo.capacity.v1.CapacityService/reserve"),
      ("service", "/cupo.capacity.v1.Nothing/Reserve"), ("path", "/nothing"),
      ("path of 7,000 bytes", "/" + String(repeating: "n", count: 6_999)),
    ]
    return unknown.map { what, path in
      ContractCheck("", "an unknown \(what) is METHOD_UNIMPLEMENTED") {
        (run) async throws(CheckFailure) in
        try await run.caller.refused(path, [], [.methodUnimplemented])
      }
    } + [
      ContractCheck("", "errors speak Spanish to who asks for it", spanish),
      ContractCheck("", "errors speak English to who does not", english),
    ]
  }

  private static func spanish(_ run: ContractRun) async throws(CheckFailure) {
    try await text(run, "es-CO,es;q=0.9,en;q=0.5", "es", \.textSpanish)
  }

  private static func english(_ run: ContractRun) async throws(CheckFailure) {
    try await text(run, "de", "en", \.textEnglish)
  }

  private static func text(
    _ run: ContractRun, _ languages: String, _ locale: String,
    _ text: (ErrorEntry) -> String
  ) async throws(CheckFailure) {
    var metadata = run.caller.target.metadata
    metadata.append("accept-language", languages)
    let path = CapacityService.getReservation.path
    let answer = await run.caller.raw(path, body: Caller.frame([]), metadata: metadata)
    let refusal = try run.caller.judge(answer, path, [.fieldViolation], nil)
    let wanted = text(ErrorReason.fieldViolation.entry)
    try expect(
      refusal.localized.count == 1 && refusal.localized[0].locale.hasPrefix(locale)
        && refusal.localized[0].message == wanted,
      "LocalizedMessage \(locale) \"\(wanted)\"", got: "\(refusal.localized)")
  }
}
