internal import RPC

/// Where a server is: `HOST:PORT`, an IPv6 address in brackets; or `unix:PATH`, a Unix domain socket.
package struct Endpoint: Hashable, Sendable, CustomStringConvertible {
  /// A socket is a host by this name, `unix:PATH`, and has no port.
  package var host: String
  package var port: Int

  package init(host: String, port: Int) {
    self.host = host
    self.port = port
  }

  /// Reads `127.0.0.1:50051`, `cupo.example:443`, `[::1]:50051` or `unix:/run/cupo.sock`; nil for anything else.
  package init?(_ text: String) {
    if let path = Authority.socketPath(text) {
      guard !path.isEmpty else { return nil }
      self.init(host: text, port: 0)
      return
    }
    guard let colon = text.lastIndex(of: ":") else { return nil }
    let digits = text[text.index(after: colon)...]
    guard let port = UInt16(digits), digits.allSatisfy({ $0.isASCII && $0.isNumber }) else {
      return nil
    }
    var host = text[..<colon]
    if host.hasPrefix("["), host.hasSuffix("]") {
      host = host.dropFirst().dropLast()
    } else if host.contains(":") {
      return nil
    }
    guard !host.isEmpty else { return nil }
    self.init(host: String(host), port: Int(port))
  }

  /// Whether only this machine can reach it.
  package var isLoopback: Bool {
    socketPath != nil || host == "localhost" || host == "::1" || isLoopbackIPv4
  }

  // All of 127.0.0.0/8, written out (RFC 1122, section 3.2.1.3); a name that begins so is no address.
  private var isLoopbackIPv4: Bool {
    let parts = host.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
    return parts.count == 4 && parts.first == 127 && parts.allSatisfy { $0 != nil }
  }

  /// The path of the Unix domain socket; nil for a host and a port.
  package var socketPath: String? { Authority.socketPath(host) }

  package var description: String {
    if let socketPath { return "unix:\(socketPath)" }
    return host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
  }
}
