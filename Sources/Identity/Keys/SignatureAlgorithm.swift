/// The ways of signing that are taken (RFC 7518, section 3.1; RFC 8037, section 3.1). All of them are asymmetric: what checks
/// a signature cannot make one, so a public key can never be mistaken for a shared secret.
package enum SignatureAlgorithm: String, CaseIterable, Sendable {
  case es256 = "ES256"
  case edDSA = "EdDSA"
  case rs256 = "RS256"
}
