package import CupoSchema

/// A token that the suite asks for, to be somebody in particular, or to be turned away.
package struct ContractToken: Hashable, Sendable {
  /// What is wrong with it.
  package enum Flaw: CaseIterable, Sendable {
    case none, expired, wrongIssuer, wrongAudience, wrongKey
  }

  package var subject: String
  package var roles: [Role]
  package var sellerIDs: [String]
  package var flaw: Flaw

  package init(
    subject: String, roles: [Role], sellerIDs: [String] = [], flaw: Flaw = .none
  ) {
    self.subject = subject
    self.roles = roles
    self.sellerIDs = sellerIDs
    self.flaw = flaw
  }
}
