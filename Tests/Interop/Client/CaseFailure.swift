import RPC

/// What a server has done that its case does not allow.
struct CaseFailure: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}

/// Ends the case unless `isTrue`.
func expect(_ isTrue: Bool, _ what: @autoclosure () -> String) throws(CaseFailure) {
  if !isTrue { throw CaseFailure(what()) }
}

/// Ends the case unless both are the same.
func expect<T: Equatable>(_ found: T, is wanted: T, _ what: String) throws(CaseFailure) {
  if found != wanted { throw CaseFailure("\(what) is \(found), not \(wanted)") }
}

/// Ends the case unless `call` fails with `code`; answers the error.
@discardableResult
func expectFailure<T>(
  _ code: StatusCode, _ call: () async throws(RPCError) -> T
) async throws(CaseFailure) -> RPCError {
  do throws(RPCError) {
    _ = try await call()
  } catch {
    try expect(error.code, is: code, "the status (message: \(error.message))")
    return error
  }
  throw CaseFailure("the call succeeded, but \(code) was expected")
}
