/// What is to be remembered of something that was done, or was not allowed: who, when, from where, what and why.
package struct AuditRecord: Codable, Equatable, Sendable {
  package enum Kind: String, Codable, CaseIterable, Sendable {
    /// A resource, a product, a pause or a stock was changed.
    case configurationChanged = "CONFIGURATION_CHANGED"
    /// Somebody may sell more than there is.
    case overbookingApproved = "OVERBOOKING_APPROVED"
    /// Somebody of operations did something, or read something.
    case staffActed = "STAFF_ACTED"
    /// Somebody was turned away.
    case denied = "DENIED"
    /// The store was repaired, put back or filled, past the ledger's commands.
    case repaired = "REPAIRED"
    /// Entries are missing here, for there were too many at once.
    case notWritten = "NOT_WRITTEN"
  }

  /// Who, and from where.
  package struct Source: Codable, Equatable, Sendable {
    /// The caller's id, or what an operator said of itself.
    package var actor: String
    /// As the contract names them.
    package var roles: [String]
    /// The address that the call came from; empty: from the machine of the store.
    package var peer: String
    /// The RPC's path, or the command.
    package var method: String
    /// What the caller knows the call by; empty: it did not say.
    package var requestID: String

    package init(
      actor: String, roles: [String] = [], peer: String = "", method: String, requestID: String = ""
    ) {
      self.actor = actor
      self.roles = roles
      self.peer = peer
      self.method = method
      self.requestID = requestID
    }

    private enum CodingKeys: String, CodingKey {
      case actor, roles, peer, method
      case requestID = "request_id"
    }
  }

  package var kind: Kind
  package var at: Instant
  package var source: Source
  /// The id of what it was done to; empty: nothing of its own.
  package var subject: String
  /// In the caller's words; empty: not said.
  package var reason: String
  /// OK, or the reason of the error that the caller was answered with.
  package var outcome: String
  /// The definition as it was, in JSON; empty: there was none.
  package var before: String
  /// The definition as it became, in JSON; empty: there is none.
  package var after: String
  /// Of NOT_WRITTEN: how many entries are missing.
  package var count: UInt64

  package init(
    _ kind: Kind, at: Instant, _ source: Source, subject: String = "", reason: String = "",
    outcome: String = "OK", before: String = "", after: String = "", count: UInt64 = 0
  ) {
    self.kind = kind
    self.at = at
    self.source = source
    self.subject = subject
    self.reason = reason
    self.outcome = outcome
    self.before = before
    self.after = after
    self.count = count
  }
}
