import Foundation
import SeededRandom
import Testing

@testable import Identity

/// Tokens that were damaged or made to do harm: none makes anybody of its bearer, none brings the server down. `make soak` takes
/// longer over it (CUPO_SOAK_SECONDS).
@Suite(.timeLimit(.minutes(20)))
struct FuzzTests {
  private static let soak = ProcessInfo.processInfo.environment["CUPO_SOAK_SECONDS"].flatMap(
    Double.init)

  /// Repeats `body` for a number of times, or in a soak for a share of its time.
  private static func often(_ count: Int, _ body: () throws -> Void) rethrows {
    let end = soak.map { Date.now.addingTimeInterval($0 / 4) }
    var rounds = 0
    while rounds < count || end.map({ Date.now < $0 }) == true {
      try body()
      rounds += 1
    }
  }

  @Test func damagedTokens() async throws {
    var random = SplitMix("damagedTokens")
    let issuer = Issuer()
    let door = await Door(keys: [issuer.jwks])
    let good = try await issuer.token(["roles": #"["admin"]"#])
    #expect(door.fault(good) == nil)
    Self.often(3_000) {
      var token = good
      for _ in 0..<Int.random(in: 1...3, using: &random) { Self.damage(&token, &random) }
      guard token != good else { return }
      #expect(door.fault(token) != nil, "\(String(decoding: token, as: UTF8.self))")
    }
  }

  private static func damage(_ token: inout [UInt8], _ random: inout SplitMix) {
    let place = Int.random(in: 0..<token.count, using: &random)
    switch Int.random(in: 0..<6, using: &random) {
    case 0: token[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
    case 1: token[place] = UInt8.random(in: 0...255, using: &random)
    case 2: token.remove(at: place)
    case 3: token.insert(UInt8.random(in: 0...255, using: &random), at: place)
    case 4: token.removeLast(min(token.count - 1, Int.random(in: 1...80, using: &random)))
    default: token.swapAt(place, Int.random(in: 0..<token.count, using: &random))
    }
  }

  /// Claims of any type in any place, signed as they should be: somebody, or an answer; and never more roles than were written.
  @Test func claimsOfEveryType() async throws {
    var random = SplitMix("claimsOfEveryType")
    let issuer = Issuer()
    let rules = TokenRules(leewaySeconds: 0)
    let key = try #require(await KeySet.read([issuer.jwks]).set.keys.first).mark
    Self.often(20_000) {
      var claims = Issuer.claims
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        let name =
          ["iss", "aud", "sub", "roles", "seller_ids", "exp", "nbf", "iat", "x"]
          .randomElement(using: &random) ?? "x"
        claims[name] = Self.value(&random, depth: 0)
      }
      let text = "{\(claims.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ","))}"
      guard let read = try? TokenClaims(Array(text.utf8)),
        let principal = try? rules.principal(read, signedBy: key, at: Issuer.now)
      else { return }
      #expect(Principal.isID(principal.subject))
      #expect(principal.roles.rawValue & ~0x1FE == 0)
    }
  }

  private static func value(_ random: inout SplitMix, depth: Int) -> String {
    let words = [
      "null", "true", "0", "-0", "1e400", "1e-400", "1800000030", "-1", "\"\"", "\"cupo\"",
      "\"\\u0000\"",
      "\"\\ud800\"", "\"\\udc00\\ud800\"", "NaN", "Infinity", "01", "1.", "\"é\"", "{}", "[]",
      "[\"admin\"]", "\"\u{202e}\"",
    ]
    switch Int.random(in: 0..<6, using: &random) {
    case 0 where depth < 12:
      let count = Int.random(in: 0...4, using: &random)
      return "[\((0..<count).map { _ in value(&random, depth: depth + 1) }.joined(separator: ","))]"
    case 1 where depth < 12: return "{\"a\":\(value(&random, depth: depth + 1))}"
    case 2: return "\"\(String(repeating: "a", count: Int.random(in: 0...300, using: &random)))\""
    default: return words.randomElement(using: &random) ?? "null"
    }
  }

  @Test func anyBytesAreJSONOrNot() {
    var random = SplitMix("anyBytesAreJSONOrNot")
    let letters = Array("{}[]\",:0123456789.eE+-\\untrfalsed \u{e9}".utf8)
    Self.often(50_000) {
      let count = Int.random(in: 0...40, using: &random)
      let bytes = (0..<count).map { _ in letters.randomElement(using: &random) ?? 0 }
      let mine = JSONText(bytes)
      // What is read here Foundation reads too.
      guard mine != nil else { return }
      let theirs = try? JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)
      #expect(theirs != nil, "\(String(decoding: bytes, as: UTF8.self))")
    }
  }

  @Test func nestingAndSizeHaveLimits() async throws {
    let issuer = Issuer()
    let door = await Door(keys: [issuer.jwks])
    func nested(_ depth: Int) -> String {
      String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    }
    #expect(door.fault(try await issuer.token(["x": nested(JSONText.depthMax - 1)])) == nil)
    #expect(door.fault(try await issuer.token(["x": nested(JSONText.depthMax)])) == .form)
    #expect(door.fault(try await issuer.token(["x": nested(2_500)])) == .form)
    let long = "\"\(String(repeating: "a", count: 9_000))\""
    #expect(door.fault(try await issuer.token(["x": long])) == .form)
    #expect(door.fault([UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000)) == .form)
    #expect(door.fault([UInt8](repeating: UInt8(ascii: "."), count: 8_000)) == .form)
    #expect(door.fault([]) == .form)
    let before = door.authenticator.signatureChecks
    let header = ["alg": #""ES256""#, "x": "\"\(String(repeating: "a", count: 2_000))\""]
    #expect(door.fault(try await issuer.token(header: header)) == .form)
    #expect(door.authenticator.signatureChecks == before)
  }

  @Test func namesThatComeTwiceAreRefused() async throws {
    let issuer = Issuer()
    let door = await Door(keys: [issuer.jwks])
    let twice =
      #"{"iss":"cupo","aud":"cupo","sub":"ana","sub":"eve","roles":["buyer"],"exp":1800000060}"#
    #expect(door.fault(try await issuer.token(payload: twice)) == .form)
  }
}
