// Access is the one place where a caller gets an identity and is let in or turned away, before anything of its request is
// read. What of others' it may touch then is its `Reach`, which handlers and the ledger ask.
//
// It is not for reading tokens: that is Identity's.
//
// Before changing it, know this: what has no rule is denied. A method gets its gate when it is added to the table, so a handler
// that nobody has thought of here cannot be called.

package import CupoSchema
internal import Identity
internal import RPC

/// Who may call what.
package struct Access: Sendable {
  /// The contract of the method at a path; nil: it has none.
  package typealias Contracts = @Sendable (_ path: String) -> MethodContract?

  let identification: any Identification
  let streams = OpenStreams()
  private let contracts: Contracts

  /// For everybody, without a token: load balancers and tools ask them before they have one.
  private static let publicServices = [
    "/grpc.health.v1.Health/", "/grpc.reflection.v1.ServerReflection/",
    "/grpc.reflection.v1alpha.ServerReflection/",
  ]

  /// - Parameter contracts: the access table.
  package init(
    _ identification: any Identification,
    contracts: @escaping Contracts = { MethodContract.of(path: $0) }
  ) {
    self.identification = identification
    self.contracts = contracts
  }

  /// Ends the streams of those who are nobody any more.
  package func sweep() { streams.sweep(identification) }

  /// The rule for the method at `path`; nil: nobody may call it.
  func rule(of path: String) -> AccessRule? {
    contracts(path).map { AccessRule($0) }
  }

  /// How the audit log looks at the method at `path`.
  func watch(of path: String) -> AuditWitness.Watch {
    AuditWitness.Watch(path, contracts(path))
  }

  /// What stands before the method at `path`; nil: it is for everybody.
  ///
  /// - Parameters:
  ///   - witness: sees who is turned away.
  ///   - check: what a caller who may call has to pass besides.
  func gate(
    of path: String, _ witness: AuditWitness? = nil, _ check: CallLimits.Check? = nil
  ) -> ServiceTable.Gate? {
    guard !Self.publicServices.contains(where: { path.hasPrefix($0) }) else { return nil }
    let rule = rule(of: path)
    let identification = identification
    return { call, memory in
      switch identification.principal(of: call, &memory) {
      case .success(let principal):
        guard rule?.reach(of: principal) != nil else {
          witness?.sawDenial(.roleNotAllowed, of: call, by: principal)
          return .failure(Refusal(.roleNotAllowed).status(of: call))
        }
        if let error = check?(principal, call) { return .failure(error) }
        return .success(principal)
      case .failure(let refusal):
        witness?.sawStranger(refusal.reason, of: call)
        return .failure(refusal.status(of: call))
      }
    }
  }
}

extension Refusal {
  /// The status in the language that the call asks for.
  func status(of call: CallContext) -> RPCError {
    status(in: Language(acceptLanguage: call.metadata["accept-language"]))
  }
}
