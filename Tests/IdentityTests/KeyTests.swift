import CupoSchema
import JWTKit
import Testing

@testable import Identity

/// Where keys come from, what is remembered of tokens, and when that ends.
@Suite struct KeyTests {
  @Test func aTokenIsCheckedOncePerConnection() async throws {
    let issuer = Issuer()
    let door = await Door(keys: [issuer.jwks])
    let (token, remembered) = (try await issuer.token(), RememberedTokens())
    for _ in 0..<1_000 { #expect(door.fault(token, remembered) == nil) }
    #expect(door.authenticator.signatureChecks == 1)
    #expect(door.fault(token) == nil)
    #expect(door.authenticator.signatureChecks == 2)
  }

  @Test func anUnknownKeyIsSaidAndNothingElse() async throws {
    let (known, unknown) = (Issuer("known"), Issuer("unknown"))
    let door = await Door(keys: [known.jwks])
    #expect(door.fault(try await known.token()) == nil)
    #expect(door.fault(Array("x.y.z".utf8)) == .form)
    #expect(door.unknownKeys == 0)
    #expect(door.fault(try await unknown.token()) == .key)
    #expect(door.unknownKeys == 1)
  }

  @Test func expiryCountsAtOnce() async throws {
    let issuer = Issuer()
    let door = await Door(keys: [issuer.jwks])
    let (token, remembered) = (try await issuer.token(), RememberedTokens())
    #expect(door.fault(token, remembered) == nil)
    door.advance(59)
    #expect(door.fault(token, remembered) == nil)
    door.advance(1)
    #expect(door.fault(token, remembered) == .expired)
  }

  @Test func aKeyThatIsTakenAwayCountsNoMore() async throws {
    let (old, new) = (Issuer("old"), Issuer("new"))
    let door = await Door(keys: [old.jwks])
    let (token, remembered) = (try await old.token(), RememberedTokens())
    let principal = try door.authenticator.principal(bearing: token.span, remembered)
    #expect(door.authenticator.fault(of: principal) == nil)
    let both = KeyFile(name: "k.json", bytes: Array("{\"keys\":[\(old.jwk),\(new.jwk)]}".utf8))
    _ = await door.authenticator.use(Authenticator.Files(keys: [both]))
    #expect(door.fault(token, remembered) == nil)
    #expect(door.fault(try await new.token(), remembered) == nil)
    _ = await door.authenticator.use(Authenticator.Files(keys: [new.jwks]))
    #expect(door.fault(token, remembered) == .key)
    #expect(door.authenticator.fault(of: principal) == .key)
  }

  /// The same id with another key is another key.
  @Test func aKeyThatIsReplacedCountsNoMore() async throws {
    let (old, new) = (Issuer("k"), Issuer("k"))
    let door = await Door(keys: [old.jwks])
    let (token, remembered) = (try await old.token(), RememberedTokens())
    let principal = try door.authenticator.principal(bearing: token.span, remembered)
    _ = await door.authenticator.use(Authenticator.Files(keys: [new.jwks]))
    #expect(door.fault(token, remembered) == .signature)
    #expect(door.authenticator.fault(of: principal) == .key)
  }

  @Test func filesThatCannotBeReadChangeNothing() async throws {
    let issuer = Issuer()
    let door = await Door(keys: [issuer.jwks])
    let token = try await issuer.token()
    let broken = await door.authenticator.use(
      Authenticator.Files(keys: [KeyFile(name: "k.json", bytes: Array("{\"keys\":".utf8))]))
    #expect(broken.complaints == ["k.json: no JSON Web Key Set"])
    #expect(door.fault(token) == nil)
    // One that is right and empty takes all of them away.
    let empty = await door.authenticator.use(
      Authenticator.Files(keys: [KeyFile(name: "k.json", bytes: Array("{\"keys\":[]}".utf8))]))
    #expect(empty == Authenticator.Change(isNew: true))
    #expect(door.fault(token) == .key)
  }

  @Test func whatIsNoKeyIsNamed() async {
    let issuer = Issuer()
    let wrong = [
      #"{"kty":"oct","kid":"s","k":"c2VjcmV0"}"#,
      #"{"kty":"EC","crv":"P-256","kid":"x","x":"AA","y":"AA"}"#,
      #"{"kty":"EC","crv":"P-384","kid":"x"}"#,
      #"{"kty":"RSA","kid":"small","n":"AQAB","e":"AQAB"}"#,
      issuer.jwk.replacing("}", with: #","d":"AA"}"#),
      issuer.jwk.replacing(#""kid":"k1","#, with: ""),
      issuer.jwk.replacing("\"sig\"", with: "\"enc\""), "7",
    ]
    let set = "{\"keys\":[\((wrong + [issuer.jwk]).joined(separator: ","))]}"
    let reading = await KeySet.read([KeyFile(name: "k.json", bytes: Array(set.utf8))])
    #expect(reading.set.keys.map(\.id) == ["k1"])
    #expect(reading.complaints.count == wrong.count)
    let pem = KeyFile(name: "p.pem", bytes: Array(issuer.key.pemRepresentation.utf8))
    #expect(await KeySet.read([pem]).complaints.first?.contains("private key") == true)
  }

  @Test func whatIsRememberedIsBounded() throws {
    let remembered = RememberedTokens()
    let ana = Principal(subject: "ana", roles: [])
    for number in 0..<10_000 {
      let token = Array("token-\(number)-\(number)".utf8)
      remembered.remember(token, ana, generation: 1)
      #expect(remembered.find(token.span, generation: 1) != nil)
      #expect(remembered.find(token.span, generation: 2) == nil)
    }
    #expect(remembered.count <= RememberedTokens.tokensMax)
    for number in 0..<100 {
      let token = [UInt8](repeating: UInt8(number), count: 8_000)
      remembered.remember(token, ana, generation: 1)
      #expect(remembered.bytes <= RememberedTokens.bytesMax)
      #expect(remembered.find(token.span, generation: 1) != nil)
    }
  }

  @Test func certificatesAreMapped() throws {
    let map = try PrincipalMap(
      Array(
        """
        # who is who, also by an editor that ends lines by CR and LF\r
        spiffe://shop.example/checkout   checkout         subject=checkout
        dns:stand-7.shop.example         seller,SEARCH    sellers=s7,s8   # two stands
        """.utf8))
    func principal(_ names: Set<String>) -> Principal? { map.principal(CertificateNames(names)) }
    #expect(principal(["spiffe://shop.example/checkout"])?.subject == "checkout")
    #expect(principal(["dns:stand-7.shop.example", "dns:x"])?.sellerIDs == ["s7", "s8"])
    #expect(principal(["dns:stand-7.shop.example"])?.roles == RoleSet([.seller, .search]))
    #expect(principal(["uri:spiffe://shop.example/checkout"]) == nil)
    #expect(principal(["dns:stand-70.shop.example"]) == nil)
    #expect(principal([]) == nil)
  }

  @Test(arguments: [
    ("dns:a", "line 1: a name needs roles behind it"),
    ("\nfoo buyer", "line 2: 'foo' begins with none of spiffe:// dns: uri: email: ip:"),
    ("dns:a king", "line 1: 'king' is no role"),
    ("dns:a unspecified", "line 1: 'unspecified' is no role"),
    ("dns:a buyer shoe=42", "line 1: 'shoe=42' is neither subject= nor sellers="),
    (
      "dns:a buyer subject=",
      "line 1: a subject and a seller have 1 to 64 bytes, printable, without spaces"
    ),
  ])
  func aWrongMapIsNamed(_ text: String, _ fault: String) {
    #expect(throws: PrincipalMap.Fault(text: fault)) { try PrincipalMap(Array(text.utf8)) }
  }
}
