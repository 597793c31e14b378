internal import Identity

/// Makes tokens by the server's own key, as a server takes them that was told nothing else.
struct TokenMint: Sendable {
  /// What a server expects of tokens by its own key.
  static let rules = TokenRules()
  /// How long a command's own token is good: longer than anybody watches.
  static let ownSeconds: Int64 = 86_400

  let key: SigningKey

  func token(
    subject: String, roles: RoleSet, sellerIDs: Set<String> = [], seconds: Int64,
    now: Int64 = SystemClock.seconds()
  ) throws(Failure) -> String {
    let claims = TokenClaims(
      issuer: Self.rules.issuer, audiences: [Self.rules.audience], subject: subject, roles: roles,
      sellerIDs: sellerIDs, expiry: now + seconds, issuedAt: now)
    guard let token = key.token(claims) else {
      throw Failure(.unexpected, "the key could not sign")
    }
    return token
  }
}
