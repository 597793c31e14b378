package import Identity
package import RPC

/// Everybody who can connect is this one: for a server on a socket that nobody but its own process can reach, and for tests.
package struct FixedIdentification: Identification {
  private let principal: Principal

  package init(_ principal: Principal) {
    self.principal = principal
  }

  package func principal(
    of call: CallContext, _ memory: inout ConnectionMemory
  ) -> Result<Principal, Refusal> {
    .success(principal)
  }

  package func end(of principal: Principal) -> Refusal? { nil }
}
