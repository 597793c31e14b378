/// How a client names the server that it calls.
package enum Authority {
  private static let socketPrefix = "unix:"

  /// The path of the socket in a host that names a Unix domain socket, as `unix:/run/cupo.sock` (gRPC, "Name resolution"); nil for any
  /// other host.
  package static func socketPath(_ host: String) -> String? {
    guard host.hasPrefix(socketPrefix) else { return nil }
    let path = host.dropFirst(socketPrefix.count)
    // `unix:///path` is the same with an empty authority of its own.
    return String(path.hasPrefix("///") ? path.dropFirst(2) : path)
  }

  /// For people.
  static func place(_ host: String, _ port: Int) -> String {
    socketPath(host) == nil ? "\(host):\(port)" : host
  }

  /// The `:authority`: a socket is on this machine, whatever its path.
  static func field(_ host: String, _ port: Int) -> String {
    socketPath(host) == nil ? "\(host):\(port)" : "localhost"
  }
}
