internal import CupoSchema
package import Identity
package import RPC

/// By the token of each call; by the certificate of the connection where a call has none.
package struct TokenIdentification: Identification {
  private let authenticator: Authenticator

  package init(_ authenticator: Authenticator) {
    self.authenticator = authenticator
  }

  /// What was found out about a connection.
  private final class Known {
    let tokens = RememberedTokens()
    var certificate: (principal: Principal?, generation: UInt64)?
  }

  package func principal(
    of call: CallContext, _ memory: inout ConnectionMemory
  ) -> Result<Principal, Refusal> {
    let known: Known
    if let content = memory.content as? Known {
      known = content
    } else {
      known = Known()
      memory.content = known
    }
    do throws(TokenFault) {
      return .success(try principal(of: call, known))
    } catch {
      return .failure(Self.refusal(error))
    }
  }

  package func end(of principal: Principal) -> Refusal? {
    authenticator.fault(of: principal).map(Self.refusal)
  }

  private func principal(
    of call: CallContext, _ known: Known
  ) throws(TokenFault) -> Principal {
    var found: Result<Principal, TokenFault>?
    call.metadata.visit("authorization") { value in
      // Two of them are two callers.
      found = found == nil ? bearer(value, known) : .failure(.form)
    }
    if let found { return try found.get() }
    guard let identity = call.identity, let principal = holder(of: identity, known) else {
      throw .missing
    }
    return principal
  }

  private func bearer(
    _ value: Span<UInt8>, _ known: Known
  ) -> Result<Principal, TokenFault> {
    guard let start = Self.tokenStart(value) else { return .failure(.form) }
    do throws(TokenFault) {
      return .success(
        try authenticator.principal(
          bearing: value.extracting(droppingFirst: start), known.tokens))
    } catch {
      return .failure(error)
    }
  }

  private static let scheme = Array("bearer".utf8)

  // `Bearer`, in any case of letters, one space or more, and the token (RFC 6750, section 2.1; RFC 9110, section 11.1).
  private static func tokenStart(_ value: Span<UInt8>) -> Int? {
    guard value.count > scheme.count, value[scheme.count] == UInt8(ascii: " ") else { return nil }
    for index in scheme.indices where value[index] | 0x20 != scheme[index] { return nil }
    var start = scheme.count
    while start < value.count, value[start] == UInt8(ascii: " ") { start += 1 }
    return start
  }

  private func holder(of identity: PeerIdentity, _ known: Known) -> Principal? {
    let generation = authenticator.present
    if let certificate = known.certificate, certificate.generation == generation {
      return certificate.principal
    }
    let principal = authenticator.principal(showing: CertificateNames(identity))
    known.certificate = (principal, generation)
    return principal
  }

  private static func refusal(_ fault: TokenFault) -> Refusal {
    switch fault {
    case .missing: Refusal(.tokenMissing)
    case .expired: Refusal(.tokenExpired)
    default: Refusal(.tokenInvalid, [.init("problem", fault.name)])
    }
  }
}

extension CertificateNames {
  fileprivate init(_ identity: PeerIdentity) {
    var names = Set(identity.dnsNames.map { "dns:\($0)" })
    names.formUnion(identity.uris.map { "uri:\($0)" })
    names.formUnion(identity.emails.map { "email:\($0)" })
    names.formUnion(identity.ipAddresses.map { "ip:\($0)" })
    if let id = identity.spiffeID { names.insert(id) }
    self.init(names)
  }
}
