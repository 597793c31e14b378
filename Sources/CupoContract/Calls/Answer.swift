internal import RPC

/// How a call was answered.
enum Answer: Sendable {
  /// The first response message, in wire form.
  case message([UInt8])
  case error(RPCError)

  /// The status, and the reason if there is one, as in `NOT_FOUND/PRODUCT_NOT_FOUND`.
  var summary: String {
    switch self {
    case .message(let bytes): "OK with \(bytes.count) bytes"
    case .error(let error): ErrorAnswer(error).summary
    }
  }

  /// The same without what may differ from call to call.
  var kind: String {
    switch self {
    case .message: "OK"
    case .error(let error): ErrorAnswer(error).kind
    }
  }
}
