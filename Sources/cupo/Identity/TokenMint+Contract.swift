internal import CupoContract
internal import CupoSchema
internal import Identity

extension TokenMint {
  /// What the contract suite asks for; a flaw makes a token that the server must refuse.
  @Sendable
  func contractTokens(_ wanted: ContractToken) async -> String? {
    let key = wanted.flaw == .wrongKey ? await SigningKey.generate() : key
    let now = SystemClock.seconds()
    return key.token(
      TokenClaims(
        issuer: wanted.flaw == .wrongIssuer ? "somebody-else" : Self.rules.issuer,
        audiences: [wanted.flaw == .wrongAudience ? "something-else" : Self.rules.audience],
        subject: wanted.subject, roles: RoleSet(wanted.roles), sellerIDs: Set(wanted.sellerIDs),
        // Beyond every leeway.
        expiry: wanted.flaw == .expired ? now - 3_600 : now + 3_600))
  }
}
