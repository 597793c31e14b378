internal import Identity

/// By what a server believes who its callers are.
struct IdentitySettings: Equatable {
  /// A JWKS file, or a folder of such files and of public keys; nil: the server's own key in its data folder.
  var keysPath: String?
  /// Which tokens are taken.
  var rules = TokenRules()
  /// Who is who by the names in certificates; nil: they make nobody of a caller.
  var principalsPath: String?
}
