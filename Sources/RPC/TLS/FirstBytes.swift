internal import HTTP2

/// What the first bytes of a connection say about a peer that speaks something else.
enum FirstBytes {
  /// Whether they begin a TLS record of a handshake (RFC 8446, section 5.1).
  static func isHandshake(_ bytes: Span<UInt8>) -> Bool {
    bytes.count > 0 && bytes[0] == 22
  }

  /// Whether they are what a TLS server says to those who do not: an alert, or ``refusal``.
  static func isTLSServer(_ bytes: Span<UInt8>) -> Bool {
    if bytes.count > 1, bytes[0] == 21, bytes[1] == 3 { return true }
    guard bytes.count >= settings.count + goAwayHead.count else { return false }
    let isGoAway = goAwayHead.indices.allSatisfy { index in
      // The length depends on the text.
      index < 3 || bytes[settings.count + index] == goAwayHead[index]
    }
    return isGoAway && settings.indices.allSatisfy { bytes[$0] == settings[$0] }
  }

  /// The end of an HTTP/2 connection (RFC 9113, section 6.8) with a text for whoever debugs the client; any gRPC client
  /// shows it, for it has sent its preface without TLS.
  static let refusal: [UInt8] = settings + goAwayHead + Array(text.utf8)

  private static let text = "this port takes TLS only"
  private static let settings: [UInt8] = [0, 0, 0, 4, 0, 0, 0, 0, 0]
  /// INADEQUATE_SECURITY; no stream was looked at.
  private static let goAwayHead: [UInt8] = [
    0, 0, UInt8(8 + text.utf8.count), 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 12,
  ]

  /// For a client of HTTP/1.
  static let refusalHTTP1 = Array(
    """
    HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nConnection: close\r\n\
    Content-Length: \(text.utf8.count + 1)\r\n\r\n\(text)\n
    """.utf8)
}
