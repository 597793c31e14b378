/// Why a token makes nobody of a caller.
package enum TokenFault: Error, Hashable, Sendable {
  /// There is none.
  case missing
  /// It is no JWT of the form that is taken here.
  case form
  /// It is signed in a way that is not taken here.
  case algorithm
  /// It names a key that is not known, or not any more.
  case key
  case signature
  case issuer
  case audience
  /// A claim is missing, or of another type or size than it must be.
  case claims
  case notYetValid
  case expired

  /// For programs and engineers: one word.
  package var name: String {
    switch self {
    case .missing: "missing"
    case .form: "form"
    case .algorithm: "algorithm"
    case .key: "key"
    case .signature: "signature"
    case .issuer: "issuer"
    case .audience: "audience"
    case .claims: "claims"
    case .notYetValid: "not_yet_valid"
    case .expired: "expired"
    }
  }
}
