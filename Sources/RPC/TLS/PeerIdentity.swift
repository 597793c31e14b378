internal import NIOSSL

/// Who the other side is by the certificate that it has proved to own: its subject alternative names (RFC 5280, section
/// 4.2.1.6). The certificate is checked: it comes from an authority that this server trusts.
package final class PeerIdentity: Sendable, Equatable {
  package let dnsNames: [String]
  package let uris: [String]
  package let emails: [String]
  /// As in `10.0.0.1`; an IPv6 address in eight groups, as in `fd00:0:0:0:0:0:0:1`.
  package let ipAddresses: [String]

  /// The SPIFFE id; nil if there is none, or if more than one URI stands beside it, which its specification forbids
  /// (SPIFFE X.509-SVID, section 2).
  package var spiffeID: String? {
    guard uris.count == 1, uris[0].hasPrefix("spiffe://") else { return nil }
    return uris[0]
  }

  package init(
    dnsNames: [String] = [], uris: [String] = [], emails: [String] = [], ipAddresses: [String] = []
  ) {
    self.dnsNames = dnsNames
    self.uris = uris
    self.emails = emails
    self.ipAddresses = ipAddresses
  }

  package static func == (left: PeerIdentity, right: PeerIdentity) -> Bool {
    left.dnsNames == right.dnsNames && left.uris == right.uris && left.emails == right.emails
      && left.ipAddresses == right.ipAddresses
  }
}

extension PeerIdentity {
  /// Names beyond this number are left out: a certificate has a handful.
  private static let namesMax = 256

  /// Reads the names of a certificate. One that is no UTF-8, or that has a NUL in it, is left out: it is there to deceive.
  convenience init(_ certificate: NIOSSLCertificate) {
    var (dnsNames, uris, emails, addresses) = ([String](), [String](), [String](), [String]())
    for name in certificate._subjectAlternativeNames().prefix(Self.namesMax) {
      let bytes = Array(name.contents)
      if name.nameType == .ipAddress {
        addresses += Self.address(bytes).map { [$0] } ?? []
        continue
      }
      guard !bytes.contains(0), let text = String(validating: bytes, as: UTF8.self) else {
        continue
      }
      switch name.nameType {
      case .dnsName: dnsNames.append(text)
      case .uri: uris.append(text)
      case .email: emails.append(text)
      default: break
      }
    }
    self.init(dnsNames: dnsNames, uris: uris, emails: emails, ipAddresses: addresses)
  }

  static func address(_ bytes: [UInt8]) -> String? {
    switch bytes.count {
    case 4: bytes.map(String.init).joined(separator: ".")
    case 16:
      stride(from: 0, to: 16, by: 2)
        .map { String(UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]), radix: 16) }
        .joined(separator: ":")
    default: nil
    }
  }
}
