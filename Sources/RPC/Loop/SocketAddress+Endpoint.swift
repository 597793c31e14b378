internal import NIOCore

extension SocketAddress {
  /// As in `127.0.0.1:40112` or `[::1]:40112`; a path for a Unix domain socket.
  var endpoint: String {
    guard let host = ipAddress, let port else { return pathname ?? "" }
    return host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
  }
}
