internal import CupoSchema

/// What a token says about its bearer, after its signature was found to be right. Names as in RFC 7519, section 4.1, and
/// Cupo's own `roles` and `seller_ids`.
package struct TokenClaims: Equatable, Sendable {
  /// Roles in one token at most.
  static let rolesMax = 16
  /// Sellers in one token at most.
  static let sellersMax = 64

  package var issuer: String
  package var audiences: [String]
  package var subject: String
  package var roles: RoleSet
  package var sellerIDs: Set<String>
  /// Seconds since 1970.
  package var expiry: Int64
  package var notBefore: Int64?
  package var issuedAt: Int64?

  package init(
    issuer: String, audiences: [String], subject: String, roles: RoleSet,
    sellerIDs: Set<String> = [], expiry: Int64, notBefore: Int64? = nil, issuedAt: Int64? = nil
  ) {
    self.issuer = issuer
    self.audiences = audiences
    self.subject = subject
    self.roles = roles
    self.sellerIDs = sellerIDs
    self.expiry = expiry
    self.notBefore = notBefore
    self.issuedAt = issuedAt
  }

  init(_ payload: [UInt8]) throws(TokenFault) {
    guard let text = JSONText(payload), case .object = text else { throw .form }
    guard let subject = text["sub"]?.string, Principal.isID(subject) else { throw .claims }
    guard let expiry = try Self.instant(text["exp"]) else { throw .claims }
    self.init(
      issuer: text["iss"]?.string ?? "", audiences: try Self.audiences(text["aud"]),
      subject: subject, roles: try Self.roles(text["roles"]),
      sellerIDs: try Self.sellers(text["seller_ids"]), expiry: expiry,
      notBefore: try Self.instant(text["nbf"]), issuedAt: try Self.instant(text["iat"]))
  }

  // One text or several (RFC 7519, section 4.1.3).
  private static func audiences(_ claim: JSONText?) throws(TokenFault) -> [String] {
    guard let claim else { return [] }
    if let one = claim.string { return [one] }
    guard let several = claim.strings else { throw .claims }
    return several
  }

  // A role that the contract does not have yet gives nothing; what is no name of a role is an error.
  private static func roles(_ claim: JSONText?) throws(TokenFault) -> RoleSet {
    guard let names = claim?.strings, names.count <= rolesMax else { throw .claims }
    return RoleSet(names.compactMap { RoleSet.role(named: $0) })
  }

  private static func sellers(_ claim: JSONText?) throws(TokenFault) -> Set<String> {
    guard let claim else { return [] }
    guard let ids = claim.strings, ids.count <= sellersMax,
      ids.allSatisfy({ Principal.isID($0) })
    else { throw .claims }
    return Set(ids)
  }

  // NumericDate (RFC 7519, section 2), which may have a fraction; within what is a sensible year.
  private static func instant(_ claim: JSONText?) throws(TokenFault) -> Int64? {
    guard let claim else { return nil }
    guard case .number(let seconds) = claim, seconds >= 0, seconds < 253_402_300_800 else {
      throw .claims
    }
    return Int64(seconds)
  }

  /// The claims as JSON.
  var payload: [UInt8] {
    func quoted(_ text: String) -> String { "\"\(text)\"" }
    func list(_ texts: [String]) -> String { "[\(texts.map(quoted).joined(separator: ","))]" }
    var members = [
      "\"iss\":\(quoted(issuer))", "\"sub\":\(quoted(subject))",
      "\"aud\":\(audiences.count == 1 ? quoted(audiences[0]) : list(audiences))",
      "\"roles\":\(list(roles.roles.map { ($0.name ?? "").lowercased() }))",
    ]
    if !sellerIDs.isEmpty { members.append("\"seller_ids\":\(list(sellerIDs.sorted()))") }
    if let issuedAt { members.append("\"iat\":\(issuedAt)") }
    if let notBefore { members.append("\"nbf\":\(notBefore)") }
    members.append("\"exp\":\(expiry)")
    return Array("{\(members.joined(separator: ","))}".utf8)
  }
}
