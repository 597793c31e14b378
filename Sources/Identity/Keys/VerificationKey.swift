internal import JWTKit

/// Names one key: its id, and what tells it from another of the same id.
package struct KeyMark: Hashable, Sendable {
  package let id: String
  /// The public key itself, as PEM.
  let material: String
}

/// A public key and the one way of signing that it is for.
struct VerificationKey: Sendable {
  static let idBytesMax = 128

  let mark: KeyMark
  let algorithm: SignatureAlgorithm
  private let verifier: any JWTAlgorithm

  var id: String { mark.id }

  /// Whether `signature` is of `bytes` and by this key.
  func verifies(_ signature: [UInt8], of bytes: [UInt8]) -> Bool {
    // What makes the library give up is no signature either.
    (try? verifier.verify(signature, signs: bytes)) == true
  }

  private init(
    _ id: String, _ algorithm: SignatureAlgorithm, material: String, _ keys: JWTKeyCollection
  ) async throws {
    mark = KeyMark(id: id, material: material)
    self.algorithm = algorithm
    verifier = try await keys.getKey()
  }

  init(_ id: String, _ key: ES256PublicKey) async throws {
    let keys = await JWTKeyCollection().add(ecdsa: key)
    try await self.init(id, .es256, material: key.pemRepresentation, keys)
  }

  init(_ id: String, _ key: EdDSA.PublicKey) async throws {
    let keys = await JWTKeyCollection().add(eddsa: key)
    try await self.init(id, .edDSA, material: key.pemRepresentation, keys)
  }

  init(_ id: String, _ key: Insecure.RSA.PublicKey) async throws {
    let keys = await JWTKeyCollection().add(rsa: key, digestAlgorithm: .sha256)
    try await self.init(id, .rs256, material: key.pemRepresentation, keys)
  }
}
