package import RPC

/// The server to look at.
package struct ContractTarget: Sendable {
  package var host: String
  package var port: Int
  /// How to check who the server is; nil: no TLS.
  package var tls: ClientTLS?
  /// Sent with every call, as for a token.
  package var metadata = Metadata()
  /// Makes tokens that the server takes, or must not take; nil: what callers may do is not checked.
  package var tokens: (@Sendable (ContractToken) async -> String?)?
  /// Whether the server limits how often a buyer may call; then that is checked, too.
  package var hasRateLimits = false

  package init(host: String, port: Int) {
    self.host = host
    self.port = port
  }

  /// Reads `HOST:PORT` or `unix:PATH`; nil if it is none. An IPv6 address stands in brackets.
  package init?(_ text: String) {
    if let path = Authority.socketPath(text) {
      guard !path.isEmpty else { return nil }
      self.init(host: text, port: 0)
      return
    }
    guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]),
      port > 0
    else { return nil }
    var host = text[..<colon]
    if host.first == "[", host.last == "]" {
      host = host.dropFirst().dropLast()
    } else if host.contains(":") {
      return nil
    }
    guard !host.isEmpty else { return nil }
    self.init(host: String(host), port: Int(port))
  }

  /// For people and reports.
  package var address: String { Authority.socketPath(host) == nil ? "\(host):\(port)" : host }

  /// The options and the start of the URL by which `curl` finds the server.
  var curlAddress: String {
    var text = tls == nil ? "--http2-prior-knowledge" : "--http2"
    let scheme = tls == nil ? "http" : "https"
    if let ca = tls?.caPath { text += " --cacert \(ca)" }
    if let certificate = tls?.certificatePath { text += " --cert \(certificate)" }
    if let key = tls?.keyPath { text += " --key \(key)" }
    if let path = Authority.socketPath(host) {
      return "\(text) --unix-socket \(path) \(scheme)://localhost"
    }
    let host = host.contains(":") ? "[\(host)]" : host
    return "\(text) \(scheme)://\(host):\(port)"
  }
}
