/// What an RPC promises: who may call it, what repeats do, and what it may answer.
package struct MethodContract: Hashable, Sendable {
  /// Who may call; nobody if empty.
  package var roles: [Role]
  /// Whose things a BUYER or SELLER may touch.
  package var ownership: Ownership
  /// What makes a repeated call harmless.
  package var idempotency: Idempotency
  /// Business reasons that this RPC may answer with, beyond those that every RPC shares.
  package var errors: [ErrorReason]
  /// The deadline of a call that comes without one; 0: none.
  package var defaultDeadlineMilliseconds: Int64

  package init(
    roles: [Role], ownership: Ownership, idempotency: Idempotency, errors: [ErrorReason],
    defaultDeadlineMilliseconds: Int64
  ) {
    self.roles = roles
    self.ownership = ownership
    self.idempotency = idempotency
    self.errors = errors
    self.defaultDeadlineMilliseconds = defaultDeadlineMilliseconds
  }

  /// The contract of the method with this `:path`, or nil if Cupo has none.
  ///
  /// Searches: look a method up when it is registered, not when it is called.
  package static func of(path: String) -> MethodContract? {
    MethodEntry.all.first { $0.path == path }?.contract
  }
}
