internal import HTTP2

/// A call to start: its header fields, its body with all prefixes, and how long it may take.
struct ClientRequest: Sendable {
  let headers: HeaderBlock
  let body: [UInt8]
  let timeout: Duration?
  /// Whether `body` is all of it.
  var endStream = true
}
