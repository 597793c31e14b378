internal import JWTKit

/// A private key that tokens are signed with: the server's own, for a server that has no issuer of tokens beside it.
package struct SigningKey: Sendable {
  /// The id of the key in the tokens that it signs.
  package static let id = "local"

  /// The private key, PEM; nobody but its owner may see it.
  package let pem: String
  let publicKey: VerificationKey
  private let signer: any JWTAlgorithm

  private init(_ key: ES256PrivateKey) async throws {
    pem = key.pemRepresentation
    publicKey = try await VerificationKey(Self.id, key.publicKey)
    signer = try await JWTKeyCollection().add(ecdsa: key).getKey()
  }

  /// A new key.
  package static func generate() async -> SigningKey {
    // A key that was just made is one.
    guard let key = try? await SigningKey(ES256PrivateKey()) else {
      preconditionFailure("a new key cannot be used")
    }
    return key
  }

  /// The key in a PEM file; nil: there is none for ES256.
  package static func read(_ pem: [UInt8]) async -> SigningKey? {
    // What the library refuses is no key.
    guard let key = try? ES256PrivateKey(pem: String(decoding: pem, as: UTF8.self)) else {
      return nil
    }
    return try? await SigningKey(key)
  }

  /// A token with `claims`, in its compact form; nil: the library could not sign, which nothing but a lack of memory explains.
  package func token(_ claims: TokenClaims) -> String? {
    let header = "{\"alg\":\"ES256\",\"kid\":\"\(Self.id)\",\"typ\":\"JWT\"}"
    let signed = "\(Base64URL.encode(header.utf8)).\(Base64URL.encode(claims.payload))"
    guard let signature = try? signer.sign(Array(signed.utf8)) else { return nil }
    return "\(signed).\(Base64URL.encode(signature))"
  }

  /// The public half, as a server reads it.
  package var file: KeyFile {
    KeyFile(name: "signing-key.pem", bytes: Array(pem.utf8), isOwn: true)
  }
}
