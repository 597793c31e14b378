/// The keys whose signatures are believed, at one moment.
struct KeySet: Sendable {
  /// Keys at most.
  static let keysMax = 64

  let keys: [VerificationKey]

  /// The key for a token; nil: it is not here. A token without a key's id is for the only key of its algorithm, if there is
  /// only one.
  func key(_ id: String?, _ algorithm: SignatureAlgorithm) -> VerificationKey? {
    guard let id else {
      let all = keys.filter { $0.algorithm == algorithm }
      return all.count == 1 ? all[0] : nil
    }
    return keys.first { $0.id == id && $0.algorithm == algorithm }
  }

  func has(_ mark: KeyMark) -> Bool {
    keys.contains { $0.mark == mark }
  }
}
