internal import ArgumentParser
internal import Identity

/// By what a server believes who its callers are.
struct ServeIdentityOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      Take tokens by these keys: a JWKS file, or a folder of such files (.json) and of public keys (.pem). Absent: by a key \
      of the server's own, signing-key.pem in the data folder; see `cupo help token`.
      """, valueName: "path"))
  var tokenKeys: String?

  @Option(help: ArgumentHelp("Who must have issued the tokens: their `iss`.", valueName: "name"))
  var tokenIssuer: String?

  @Option(help: ArgumentHelp("For whom they must be: among their `aud`.", valueName: "name"))
  var tokenAudience = "cupo"

  @Option(help: "How far the clocks of issuer and server may be apart, up to 5m.")
  var tokenLeeway = DurationArgument(milliseconds: 30_000)

  @Option(
    help: ArgumentHelp(
      "Who is who by the names in client certificates, one a line: NAME ROLE[,ROLE] [subject=ID] [sellers=ID,ID].",
      valueName: "file"))
  var tlsPrincipals: String?

  func validate() throws {
    guard (tokenKeys == nil) == (tokenIssuer == nil) else {
      throw ValidationError("--token-keys and --token-issuer come together.")
    }
    guard (0...TokenRules.leewaySecondsMax * 1_000).contains(tokenLeeway.milliseconds) else {
      throw ValidationError("--token-leeway is between 0s and 5m.")
    }
  }

  /// Whether callers are known by something that was configured, rather than by a key that the server has made.
  var isConfigured: Bool { tokenKeys != nil || tlsPrincipals != nil }

  var settings: IdentitySettings {
    IdentitySettings(
      keysPath: tokenKeys,
      rules: TokenRules(
        issuer: tokenIssuer ?? TokenMint.rules.issuer, audience: tokenAudience,
        leewaySeconds: tokenLeeway.milliseconds / 1_000),
      principalsPath: tlsPrincipals)
  }
}
