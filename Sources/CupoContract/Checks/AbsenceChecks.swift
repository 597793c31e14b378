internal import CupoSchema
internal import Protobuf
internal import RPC

/// An RPC that a server does not implement says so, whatever is sent.
enum AbsenceChecks {
  static func list() -> [ContractCheck] {
    MethodSample.all.map { sample in
      let path = sample.entry.path
      return ContractCheck(path, "not implemented, and says so", isForAbsence: true) {
        (run) async throws(CheckFailure) in
        for message in [sample.valid(run), [], WireChecks.garbage[0]] {
          try await run.caller.refused(path, message, [.methodUnimplemented])
        }
      }
    }
  }
}
