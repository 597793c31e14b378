import Foundation
import JWTKit
import Synchronization

@testable import Identity

/// An issuer of tokens that writes whatever it is told, and the keys that a server would be given.
struct Issuer {
  static let now: Int64 = 1_800_000_000

  let key = ES256PrivateKey()
  let id: String

  init(_ id: String = "k1") {
    self.id = id
  }

  /// A JWKS with the public key.
  var jwks: KeyFile { KeyFile(name: "keys.json", bytes: Array("{\"keys\":[\(jwk)]}".utf8)) }

  var jwk: String {
    guard let (x, y) = key.publicKey.parameters else { return "{}" }
    return
      #"{"kty":"EC","crv":"P-256","alg":"ES256","use":"sig","kid":"\#(id)","x":"\#(url(x))","y":"\#(url(y))"}"#
  }

  private func url(_ base64: String) -> String {
    base64.replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
  }

  static let claims: [String: String] = [
    "iss": #""cupo""#, "aud": #""cupo""#, "sub": #""ana""#, "roles": #"["buyer"]"#,
    "exp": "\(now + 60)", "iat": "\(now)",
  ]

  /// A token with these claims, as JSON texts by name; nil takes one away.
  func token(
    _ changes: [String: String?] = [:], header: [String: String]? = nil
  ) async throws -> [UInt8] {
    var claims = Self.claims
    for (name, value) in changes { claims[name] = value }
    let text = claims.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ",")
    return try await token(payload: "{\(text)}", header: header)
  }

  func token(payload: String, header: [String: String]? = nil) async throws -> [UInt8] {
    let members = header ?? ["alg": #""ES256""#, "kid": "\"\(id)\"", "typ": #""JWT""#]
    let text = "{\(members.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ","))}"
    let signed = "\(Base64URL.encode(text.utf8)).\(Base64URL.encode(payload.utf8))"
    let signer = try await JWTKeyCollection().add(ecdsa: key).getKey()
    let signature = try signer.sign(Array(signed.utf8))
    return Array("\(signed).\(Base64URL.encode(signature))".utf8)
  }
}

/// An authenticator with a clock that stands still until it is set.
final class Door: Sendable {
  let authenticator: Authenticator

  init(_ rules: TokenRules = TokenRules(leewaySeconds: 0), keys: [KeyFile]) async {
    let clock = Clock()
    self.clock = clock
    authenticator = Authenticator(
      rules: rules, clock: { clock.now.withLock { $0 } },
      unknownKey: { clock.unknownKeys.withLock { $0 += 1 } })
    _ = await authenticator.use(Authenticator.Files(keys: keys))
  }

  private final class Clock: Sendable {
    let now = Mutex(Issuer.now)
    let unknownKeys = Mutex(0)
  }
  private let clock: Clock

  /// How often tokens named a key that was not there.
  var unknownKeys: Int { clock.unknownKeys.withLock { $0 } }

  func advance(_ seconds: Int64) { clock.now.withLock { $0 += seconds } }

  func fault(
    _ token: [UInt8], _ remembered: RememberedTokens = RememberedTokens()
  ) -> TokenFault? {
    do throws(TokenFault) {
      _ = try authenticator.principal(bearing: token.span, remembered)
      return nil
    } catch {
      return error
    }
  }

  func principal(_ token: [UInt8]) throws -> Principal {
    try authenticator.principal(bearing: token.span, RememberedTokens())
  }
}
