internal import CupoSchema
internal import Protobuf
internal import RPC
internal import RPCSchema

/// Every rule of every field: the violating requests that are generated from the proto files.
enum RuleChecks {
  /// How many violations must all be in one answer; beyond that an answer's size has its limits.
  static let togetherMax = 24

  static func list() -> [ContractCheck] {
    let samples = Dictionary(uniqueKeysWithValues: MethodSample.all.map { ($0.entry.path, $0) })
    let cases = ContractCase.all()
    let single = cases.map { one in
      ContractCheck(one.path, "rule: \(one.name)") { (run) async throws(CheckFailure) in
        try await violation(one, run)
      }
    }
    let together = MethodSample.all.flatMap { sample in
      several(sample, cases.filter { $0.path == sample.entry.path })
    }
    precondition(cases.allSatisfy { samples[$0.path] != nil }, "an RPC has no sample")
    return single + together + [
      ContractCheck(
        CapacityService.reserve.path, "rules: three violations in each of 32 lines", lines)
    ]
  }

  private static func violation(
    _ one: ContractCase, _ run: ContractRun
  ) async throws(CheckFailure) {
    let answer = try await run.caller.refused(one.path, one.payload, reasons(one))
    try expect(
      answer.fields.contains(one.field), "BadRequest names \(one.field) (\(one.description))",
      got: answer.summary)
  }

  private static func reasons(_ one: ContractCase) -> [ErrorReason] {
    one.rule == .slot ? [.slotMalformed] : [.fieldViolation]
  }

  // MARK: Several at once

  // The largest answer of this kind must still fit into what clients take as trailers.
  private static func lines(_ run: ContractRun) async throws(CheckFailure) {
    var request = run.request("", 0, slot: "not a slot")
    request.lines = Array(repeating: request.lines[0], count: 32)
    try await together(
      CapacityService.reserve.path, request.encoded(), request.violations(), run)
  }

  private static func several(
    _ sample: MethodSample, _ cases: [ContractCase]
  ) -> [ContractCheck] {
    var checks: [ContractCheck] = []
    for (name, limit) in [("several violations", togetherMax), ("as many as there can be", .max)] {
      let (payload, violations) = merge(cases, sample, limit: limit)
      guard violations.count > 1 else { continue }
      if limit == .max, violations.count <= togetherMax { continue }
      checks.append(
        ContractCheck(sample.entry.path, "rules: \(name) in one answer (\(violations.count))") {
          (run) async throws(CheckFailure) in
          try await together(sample.entry.path, payload, violations, run)
        })
    }
    return checks
  }

  private static func together(
    _ path: String, _ payload: [UInt8], _ violations: [FieldViolation], _ run: ContractRun
  ) async throws(CheckFailure) {
    let answer = try await run.caller.refused(path, payload, [.fieldViolation, .slotMalformed])
    let missing = violations.prefix(togetherMax).map(\.field).filter { !answer.fields.contains($0) }
    try expect(
      missing.isEmpty, "BadRequest names all of them",
      got: "\(answer.fields.count) are named, not \(missing.joined(separator: ", "))")
  }

  /// Joins violating requests to one as long as that adds violations: messages that follow one
  /// another in wire form are merged when they are decoded.
  private static func merge(
    _ cases: [ContractCase], _ sample: MethodSample, limit: Int
  ) -> (payload: [UInt8], violations: [FieldViolation]) {
    var (payload, violations) = ([UInt8](), [FieldViolation]())
    for one in cases where violations.count < limit {
      guard let merged = sample.roundTrip(payload + one.payload),
        let found = sample.violations(merged), found.count > violations.count,
        found.count <= limit
      else { continue }
      (payload, violations) = (merged, found)
    }
    return (payload, violations)
  }
}
