/// Which tokens are taken. Pure: from claims and the time to a principal, or why not.
package struct TokenRules: Hashable, Sendable {
  /// What `iss` must be.
  package var issuer: String
  /// What must be among `aud`.
  package var audience: String
  /// How far the clocks of issuer and server may be apart, seconds; 0 to 300.
  package var leewaySeconds: Int64

  package static let leewaySecondsMax: Int64 = 300

  package init(issuer: String = "cupo", audience: String = "cupo", leewaySeconds: Int64 = 30) {
    self.issuer = issuer
    self.audience = audience
    self.leewaySeconds = min(max(leewaySeconds, 0), Self.leewaySecondsMax)
  }

  /// Who bears a token with these claims at `now`, seconds since 1970.
  ///
  /// - Parameter key: which key's signature was found to be right.
  package func principal(
    _ claims: TokenClaims, signedBy key: KeyMark, at now: Int64
  ) throws(TokenFault) -> Principal {
    guard claims.issuer == issuer else { throw .issuer }
    guard claims.audiences.contains(audience) else { throw .audience }
    let validUntil = claims.expiry + leewaySeconds
    guard now < validUntil else { throw .expired }
    guard (claims.notBefore ?? 0) <= now + leewaySeconds,
      (claims.issuedAt ?? 0) <= now + leewaySeconds
    else { throw .notYetValid }
    return Principal(
      subject: claims.subject, roles: claims.roles, sellerIDs: claims.sellerIDs,
      validUntil: validUntil, proof: .token(key))
  }
}
