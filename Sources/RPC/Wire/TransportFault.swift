package import Protobuf

/// What goes wrong with a call before or beside its handler. ``ServiceTable`` turns each into the error to answer.
package enum TransportFault: Sendable, Equatable {
  /// The request is no message of its type.
  case malformedMessage(DecodingError)
  /// The request is longer than the server takes, bytes.
  case messageTooLarge(limit: Int)
  /// There is no such method.
  case unimplemented(path: String)
  /// The deadline passed before the handler had answered.
  case deadlineExceeded
  /// The server takes no more calls, or its grace is over.
  case shuttingDown
  /// The server is at fault; there is nothing to tell.
  case internalFailure
  /// The body is not one complete, length-prefixed message.
  case malformedFraming
  /// The request is compressed in a way that the server does not know.
  case unsupportedEncoding(String)
  /// The request's metadata are larger than the server takes, bytes.
  case metadataTooLarge(limit: Int)
  /// `grpc-timeout` is not a timeout.
  case malformedTimeout

  /// The plain gRPC status.
  package var error: RPCError {
    switch self {
    case .malformedMessage(let error):
      RPCError(code: .invalidArgument, message: "malformed message: \(error.subject)")
    case .messageTooLarge(let limit):
      RPCError(code: .resourceExhausted, message: "a message may have \(limit) bytes")
    case .unimplemented(let path):
      RPCError(code: .unimplemented, message: "unknown method \(path)")
    case .deadlineExceeded: RPCError(code: .deadlineExceeded, message: "deadline exceeded")
    case .shuttingDown: RPCError(code: .unavailable, message: "the server is shutting down")
    case .internalFailure: RPCError(code: .internal, message: "internal error")
    case .malformedFraming:
      RPCError(code: .internal, message: "the body is not one complete message")
    case .unsupportedEncoding(let name): Self.unsupported(name)
    case .metadataTooLarge(let limit):
      RPCError(code: .resourceExhausted, message: "metadata may have \(limit) bytes")
    case .malformedTimeout: RPCError(code: .internal, message: "malformed grpc-timeout")
    }
  }

  private static func unsupported(_ name: String) -> RPCError {
    var error = RPCError(code: .unimplemented, message: "compression \(name) is not supported")
    error.metadata.append("grpc-accept-encoding", "identity,gzip")
    return error
  }
}
