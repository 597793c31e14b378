package import Identity
package import RPC

/// Says who calls.
package protocol Identification: Sendable {
  /// Who makes this call. Called on its connection's loop, for each call; it must not wait.
  ///
  /// - Parameter memory: what is kept for the calls of this connection.
  func principal(
    of call: CallContext, _ memory: inout ConnectionMemory
  ) -> Result<Principal, Refusal>

  /// Why `principal` is nobody any more, which ends its streams; nil: it still is.
  func end(of principal: Principal) -> Refusal?
}
