internal import JWTKit

extension KeySet {
  /// What was read, and what is wrong with the rest: a sentence each.
  struct Reading: Sendable {
    var set: KeySet
    var complaints: [String]
  }

  /// Reads keys: a JWKS (RFC 7517, section 5) or one JWK in each `.json`, one public key in each `.pem`, whose id is the
  /// file's name without its ending.
  static func read(_ files: [KeyFile]) async -> Reading {
    var (keys, complaints): ([VerificationKey], [String]) = ([], [])
    for file in files {
      let (found, wrong) = await read(file)
      keys += found
      complaints += wrong.map { "\(file.name): \($0)" }
    }
    var seen: Set<String> = []
    for key in keys where !seen.insert(key.id).inserted {
      complaints.append("two keys have the id \(key.id); the first counts")
    }
    if keys.count > keysMax { complaints.append("only the first \(keysMax) keys count") }
    return Reading(set: KeySet(keys: Array(keys.prefix(keysMax))), complaints: complaints)
  }

  private static func read(_ file: KeyFile) async -> ([VerificationKey], [String]) {
    if file.isOwn {
      guard let key = await SigningKey.read(file.bytes) else { return ([], [notAKey]) }
      return ([key.publicKey], [])
    }
    guard file.name.hasSuffix(".pem") else { return await readSet(file.bytes) }
    let pem = String(decoding: file.bytes, as: UTF8.self)
    guard !pem.contains("PRIVATE KEY") else { return ([], [isPrivate]) }
    let key = await publicKey(String(file.name.dropLast(4)), pem: pem)
    return key.map { ([$0], []) } ?? ([], [notAKey])
  }

  private static let notAKey = "no key for ES256, EdDSA or RS256"
  private static let isPrivate =
    "is a private key, which a server has no use for; keep it from here"

  private static func publicKey(_ id: String, pem: String) async -> VerificationKey? {
    // A key is of one kind; what it is not, it is not.
    if let key = try? ES256PublicKey(pem: pem) { return try? await VerificationKey(id, key) }
    if let key = try? EdDSA.PublicKey(pem: pem) { return try? await VerificationKey(id, key) }
    if let key = try? Insecure.RSA.PublicKey(pem: pem) {
      return try? await VerificationKey(id, key)
    }
    return nil
  }

  private static func readSet(_ bytes: [UInt8]) async -> ([VerificationKey], [String]) {
    guard bytes.count <= KeyFile.bytesMax, let text = JSONText(bytes), case .object = text else {
      return ([], ["no JSON Web Key Set"])
    }
    var members = [text]
    if let list = text["keys"] {
      guard case .array(let all) = list else { return ([], ["no JSON Web Key Set"]) }
      members = all
    }
    var (keys, complaints): ([VerificationKey], [String]) = ([], [])
    for (index, member) in members.enumerated() {
      guard member["d"] == nil, member["k"] == nil else {
        complaints.append("key \(index) \(isPrivate)")
        continue
      }
      if let key = await webKey(member) {
        keys.append(key)
      } else {
        complaints.append("key \(index): \(notAKey), or without `kid`")
      }
    }
    return (keys, complaints)
  }

  private static func webKey(_ key: JSONText) async -> VerificationKey? {
    guard let id = key["kid"]?.string, !id.isEmpty, id.utf8.count <= VerificationKey.idBytesMax,
      key["use"] == nil || key["use"]?.string == "sig"
    else { return nil }
    let algorithm = key["alg"]?.string
    func isFor(_ name: SignatureAlgorithm) -> Bool {
      algorithm == nil || algorithm == name.rawValue
    }
    // What the library refuses is no key.
    switch (key["kty"]?.string, key["crv"]?.string) {
    case ("EC", "P-256") where isFor(.es256):
      guard let x = key["x"]?.string, let y = key["y"]?.string,
        let found = try? ES256PublicKey(parameters: (x, y))
      else { return nil }
      return try? await VerificationKey(id, found)
    case ("OKP", "Ed25519") where isFor(.edDSA):
      guard let x = key["x"]?.string, let found = try? EdDSA.PublicKey(x: x, curve: .ed25519)
      else { return nil }
      return try? await VerificationKey(id, found)
    case ("RSA", nil) where isFor(.rs256):
      guard let n = key["n"]?.string, let e = key["e"]?.string,
        let found = try? Insecure.RSA.PublicKey(modulus: n, exponent: e)
      else { return nil }
      return try? await VerificationKey(id, found)
    default: return nil
    }
  }
}
