/// A signed token in its compact form (RFC 7515, section 3.1), taken apart: nothing of it is trusted yet.
struct CompactToken: Equatable {
  /// The longest token that is looked at.
  static let bytesMax = 8 * 1_024
  /// The longest header, in base64.
  private static let headerBytesMax = 1_024

  /// What the header says that a key is looked for by.
  let algorithm: SignatureAlgorithm
  let keyID: String?
  /// What is signed: the first two parts as they came.
  let signed: [UInt8]
  let payload: [UInt8]
  let signature: [UInt8]

  init(_ token: some Collection<UInt8>) throws(TokenFault) {
    guard token.count <= Self.bytesMax else { throw .form }
    let parts = token.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard parts.count == 3, parts[0].count <= Self.headerBytesMax,
      let header = Base64URL.decode(parts[0]).flatMap({ JSONText($0) }),
      let payload = Base64URL.decode(parts[1]),
      let signature = Base64URL.decode(parts[2]), !signature.isEmpty
    else { throw .form }
    self.payload = payload
    self.signature = signature
    signed = Array(parts[0]) + [UInt8(ascii: ".")] + Array(parts[1])
    algorithm = try Self.algorithm(header)
    keyID = try Self.keyID(header)
  }

  // Only what is on the list; `none` and the symmetric ones are not.
  private static func algorithm(_ header: JSONText) throws(TokenFault) -> SignatureAlgorithm {
    guard let name = header["alg"]?.string else { throw .form }
    guard let algorithm = SignatureAlgorithm(rawValue: name) else { throw .algorithm }
    // What must be understood (RFC 7515, section 4.1.11) is nothing that is understood here.
    guard header["crit"] == nil, header["b64"] == nil else { throw .form }
    if let type = header["typ"] {
      guard let name = type.string, ["JWT", "AT+JWT"].contains(name.uppercased()) else {
        throw .form
      }
    }
    return algorithm
  }

  private static func keyID(_ header: JSONText) throws(TokenFault) -> String? {
    guard let member = header["kid"] else { return nil }
    guard let id = member.string, id.utf8.count <= VerificationKey.idBytesMax else { throw .form }
    return id
  }
}
