import CupoSchema
import JWTKit
import Testing

@testable import Identity

/// Which tokens make somebody of their bearer, and why the others do not.
@Suite struct TokenTests {
  @Test func aGoodTokenSaysWho() async throws {
    let issuer = Issuer()
    let door = await Door(keys: [issuer.jwks])
    let token = try await issuer.token([
      "roles": #"["SELLER","buyer","astronaut"]"#, "seller_ids": #"["s1","s2"]"#,
      "aud": #"["other","cupo"]"#,
    ])
    let principal = try door.principal(token)
    #expect(principal.subject == "ana")
    #expect(principal.roles == RoleSet([.buyer, .seller]))
    #expect(principal.sellerIDs == ["s1", "s2"])
    #expect(principal.validUntil == Issuer.now + 60)
  }

  static let wrongClaims: [(String, [String: String?], TokenFault)] = [
    ("another issuer", ["iss": #""evil""#], .issuer),
    ("no issuer", ["iss": nil], .issuer),
    ("an issuer that is a number", ["iss": "7"], .issuer),
    ("another audience", ["aud": #""shop""#], .audience),
    ("no audience", ["aud": nil], .audience),
    ("an audience that is an object", ["aud": "{}"], .claims),
    ("audiences that are numbers", ["aud": "[1,2]"], .claims),
    ("expired", ["exp": "\(Issuer.now)"], .expired),
    ("no expiry", ["exp": nil], .claims),
    ("an expiry that is a text", ["exp": "\"\(Issuer.now + 60)\""], .claims),
    ("an expiry below zero", ["exp": "-1"], .claims),
    ("an expiry beyond all years", ["exp": "1e300"], .claims),
    ("an expiry with an overflow", ["exp": "9223372036854775807"], .claims),
    ("not yet valid", ["nbf": "\(Issuer.now + 1)"], .notYetValid),
    ("issued in the future", ["iat": "\(Issuer.now + 1)"], .notYetValid),
    ("no subject", ["sub": nil], .claims),
    ("an empty subject", ["sub": #""""#], .claims),
    ("a subject that is a number", ["sub": "1"], .claims),
    ("a subject with a space", ["sub": #""a b""#], .claims),
    ("a subject with a NUL", ["sub": #""a\u0000b""#], .claims),
    ("a subject that is too long", ["sub": "\"\(String(repeating: "a", count: 65))\""], .claims),
    ("no roles", ["roles": nil], .claims),
    ("roles that are a text", ["roles": #""admin""#], .claims),
    ("roles with a number", ["roles": #"["admin",8]"#], .claims),
    ("roles as an object", ["roles": #"{"admin":true}"#], .claims),
    (
      "too many roles",
      ["roles": "[\(Array(repeating: "\"buyer\"", count: 17).joined(separator: ","))]"], .claims
    ),
    ("sellers that are a text", ["seller_ids": #""s1""#], .claims),
    ("sellers with null", ["seller_ids": #"["s1",null]"#], .claims),
    ("a seller with a space", ["seller_ids": #"["s 1"]"#], .claims),
  ]

  @Test(arguments: wrongClaims.indices)
  func claims(_ index: Int) async throws {
    let (name, changes, fault) = Self.wrongClaims[index]
    let issuer = Issuer()
    let door = await Door(keys: [issuer.jwks])
    #expect(door.fault(try await issuer.token(changes)) == fault, "\(name)")
  }

  @Test func aRoleThatIsNotKnownGivesNothing() async throws {
    let issuer = Issuer()
    let door = await Door(keys: [issuer.jwks])
    let token = try await issuer.token(["roles": #"["unspecified","root",""]"#])
    #expect(try door.principal(token).roles == [])
  }

  @Test func theClocksMayBeApart() async throws {
    let issuer = Issuer()
    let door = await Door(TokenRules(leewaySeconds: 10), keys: [issuer.jwks])
    #expect(door.fault(try await issuer.token(["exp": "\(Issuer.now - 9)"])) == nil)
    #expect(door.fault(try await issuer.token(["exp": "\(Issuer.now - 10)"])) == .expired)
    #expect(door.fault(try await issuer.token(["nbf": "\(Issuer.now + 10)"])) == nil)
    #expect(door.fault(try await issuer.token(["nbf": "\(Issuer.now + 11)"])) == .notYetValid)
    #expect(TokenRules(leewaySeconds: 1_000_000).leewaySeconds == 300)
  }

  static let wrongHeaders: [(String, [String: String], TokenFault)] = [
    ("none", ["alg": #""none""#], .algorithm),
    ("None", ["alg": #""None""#], .algorithm),
    ("empty", ["alg": #""""#], .algorithm),
    ("HS256", ["alg": #""HS256""#, "kid": #""k1""#], .algorithm),
    ("RS384", ["alg": #""RS384""#, "kid": #""k1""#], .algorithm),
    ("ES256K", ["alg": #""ES256K""#, "kid": #""k1""#], .algorithm),
    ("no algorithm", ["kid": #""k1""#], .form),
    ("an algorithm that is a number", ["alg": "256"], .form),
    ("another algorithm than the key's", ["alg": #""RS256""#, "kid": #""k1""#], .key),
    ("another key", ["alg": #""ES256""#, "kid": #""k2""#], .key),
    ("a key that is a number", ["alg": #""ES256""#, "kid": "1"], .form),
    (
      "a key id that is too long",
      ["alg": #""ES256""#, "kid": "\"\(String(repeating: "k", count: 129))\""], .form
    ),
    ("what must be understood", ["alg": #""ES256""#, "kid": #""k1""#, "crit": #"["b64"]"#], .form),
    ("another type", ["alg": #""ES256""#, "kid": #""k1""#, "typ": #""dpop+jwt""#], .form),
  ]

  @Test(arguments: wrongHeaders.indices)
  func headers(_ index: Int) async throws {
    let (name, header, fault) = Self.wrongHeaders[index]
    let issuer = Issuer()
    let door = await Door(keys: [issuer.jwks])
    #expect(door.fault(try await issuer.token(header: header)) == fault, "\(name)")
  }

  @Test func aKeyInTheHeaderIsNotLookedAt() async throws {
    let (issuer, thief) = (Issuer(), Issuer())
    let door = await Door(keys: [issuer.jwks])
    let token = try await thief.token(header: [
      "alg": #""ES256""#, "kid": #""k1""#, "jwk": thief.jwk, "jku": #""https://evil.example""#,
    ])
    #expect(door.fault(token) == .signature)
  }

  @Test func withoutAKeyIDTheOnlyKeyIsMeant() async throws {
    let (issuer, other) = (Issuer("k1"), Issuer("k2"))
    let token = try await issuer.token(header: ["alg": #""ES256""#])
    #expect(await Door(keys: [issuer.jwks]).fault(token) == nil)
    #expect(await Door(keys: [issuer.jwks, other.jwks]).fault(token) == .key)
  }

  @Test func everyAlgorithmOfTheListIsTaken() async throws {
    let ed = try EdDSA.PrivateKey()
    let rsa = try Insecure.RSA.PrivateKey(pem: TestKeys.rsa)
    let files = [
      KeyFile(name: "ed.pem", bytes: Array(ed.publicKey.pemRepresentation.utf8)),
      KeyFile(name: "rsa.pem", bytes: Array(rsa.publicKey.pemRepresentation.utf8)),
    ]
    let door = await Door(keys: files)
    #expect(door.authenticator.keysCount == 2)
    let signers: [(String, String, any JWTAlgorithm)] = [
      ("EdDSA", "ed", try await JWTKeyCollection().add(eddsa: ed).getKey()),
      (
        "RS256", "rsa",
        try await JWTKeyCollection().add(rsa: rsa, digestAlgorithm: .sha256).getKey()
      ),
    ]
    for (algorithm, id, signer) in signers {
      let payload = Issuer.claims.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ",")
      let header = #"{"alg":"\#(algorithm)","kid":"\#(id)"}"#
      let signed = "\(Base64URL.encode(header.utf8)).\(Base64URL.encode("{\(payload)}".utf8))"
      let signature = try signer.sign(Array(signed.utf8))
      #expect(door.fault(Array("\(signed).\(Base64URL.encode(signature))".utf8)) == nil, "\(id)")
    }
  }

  /// The old trick: the public key, which everybody has, as the secret of an HMAC.
  @Test func aPublicKeyIsNoSecret() async throws {
    let issuer = Issuer()
    let door = await Door(keys: [issuer.jwks])
    let pem = issuer.key.publicKey.pemRepresentation
    let keys = await JWTKeyCollection().add(hmac: HMACKey(from: pem), digestAlgorithm: .sha256)
    let signer = try await keys.getKey()
    for algorithm in ["HS256", "ES256"] {
      let header = #"{"alg":"\#(algorithm)","kid":"k1"}"#
      let payload = Issuer.claims.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ",")
      let signed = "\(Base64URL.encode(header.utf8)).\(Base64URL.encode("{\(payload)}".utf8))"
      let signature = try signer.sign(Array(signed.utf8))
      let fault = door.fault(Array("\(signed).\(Base64URL.encode(signature))".utf8))
      #expect(fault == (algorithm == "HS256" ? .algorithm : .signature))
    }
  }

  @Test func ownTokensAreTaken() async throws {
    let key = await SigningKey.generate()
    let door = await Door(keys: [key.file])
    let token = try #require(
      key.token(
        TokenClaims(
          issuer: "cupo", audiences: ["cupo"], subject: "s-1", roles: RoleSet(.seller),
          sellerIDs: ["s1"], expiry: Issuer.now + 5, issuedAt: Issuer.now)))
    let principal = try door.principal(Array(token.utf8))
    #expect(principal.roles == RoleSet(.seller))
    #expect(principal.sellerIDs == ["s1"])
    let again = try #require(await SigningKey.read(Array(key.pem.utf8)))
    #expect(again.file == key.file)
    #expect(await SigningKey.read(Array("no key".utf8)) == nil)
  }
}
