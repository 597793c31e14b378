internal import HTTP2

/// What the first bytes of a connection say about a peer that speaks something else.
enum FirstBytes {
  /// Whether they begin a TLS record of a handshake (RFC 8446, section 5.1).
  static func isHandshake(_ bytes: Span<UInt8>) -> Bool {
    bytes.count > 0 && bytes[0] == 22
  }

  /// Why a server that answers so, without TLS, cannot be called; nil: it may well speak HTTP/2.
  static func faultOfServer(_ bytes: Span<UInt8>) -> String? {
    // An alert (RFC 8446, section 6).
    if bytes.count > 1, bytes[0] == 21, bytes[1] == 3 { return takesTLS }
    let text = String(bytes: bytes.extracting(first: min(bytes.count, 256)))
    guard text.hasPrefix("HTTP/1.") else { return nil }
    return text.contains(refusalText) ? takesTLS : "the server answers in HTTP/1, not in HTTP/2"
  }

  private static let takesTLS = "the server takes TLS only"
  private static let refusalText = "this port takes TLS only"

  /// For a client without TLS, in HTTP/1.1 whatever it speaks: clients of HTTP/2 fail at their connection's beginning and
  /// wait before they try again, and say that they have met HTTP/1. A GOAWAY would have them come back at once.
  static let refusal = Array(
    """
    HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nConnection: close\r\n\
    Content-Length: \(refusalText.utf8.count + 1)\r\n\r\n\(refusalText)\n
    """.utf8)
}
