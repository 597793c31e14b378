internal import CupoSchema
internal import RPC

/// Which RPCs a server implements, as a valid request to each one tells.
struct Probe: Sendable {
  /// Paths that were answered UNIMPLEMENTED, in the order of the contract.
  let unimplemented: [String]

  static func run(_ samples: [MethodSample], _ run: ContractRun) async -> Probe {
    var unimplemented: [String] = []
    for sample in samples {
      let answer = await sample.send(run.caller, sample.valid(run))
      if case .error(let error) = answer, error.code == .unimplemented {
        unimplemented.append(sample.entry.path)
      }
    }
    return Probe(unimplemented: unimplemented)
  }

  /// Whether all that `check` is about is implemented.
  func allows(_ check: ContractCheck) -> Bool {
    check.isForAbsence
      ? unimplemented.contains(check.path)
      : !unimplemented.contains(check.path) && !check.needs.contains { unimplemented.contains($0) }
  }
}
