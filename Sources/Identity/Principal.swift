/// Who is calling, in which roles, and whose things are its own.
package final class Principal: Sendable, Equatable {
  /// How the caller has proved who it is.
  package enum Proof: Hashable, Sendable {
    /// By a token that this key signed.
    case token(KeyMark)
    /// By the certificate that its connection showed.
    case certificate(CertificateNames)
    /// By being this process.
    case process
  }

  /// Stands for the caller in logs and events, and is the buyer where none is named: 1 to 64 bytes, printable.
  package let subject: String
  package let roles: RoleSet
  /// The sellers whose things are the caller's, in the role SELLER.
  package let sellerIDs: Set<String>
  /// From this second since 1970 on it is nobody any more.
  package let validUntil: Int64
  package let proof: Proof

  package init(
    subject: String, roles: RoleSet, sellerIDs: Set<String> = [], validUntil: Int64 = .max,
    proof: Proof = .process
  ) {
    self.subject = subject
    self.roles = roles
    self.sellerIDs = sellerIDs
    self.validUntil = validUntil
    self.proof = proof
  }

  package static func == (left: Principal, right: Principal) -> Bool {
    left.subject == right.subject && left.roles == right.roles && left.sellerIDs == right.sellerIDs
      && left.validUntil == right.validUntil && left.proof == right.proof
  }

  /// Whether `text` can be a subject or a seller's id: what the contract lets an id be.
  package static func isID(_ text: String) -> Bool {
    let bytes = text.utf8
    return !bytes.isEmpty && bytes.count <= 64 && bytes.allSatisfy { (0x21...0x7e).contains($0) }
  }
}
