import InteropSchema
import RPC

/// Sends back what a caller has sent for that.
enum Echo {
  static let initialName = "x-grpc-test-echo-initial"
  static let trailingName = "x-grpc-test-echo-trailing-bin"

  /// Sends the metadata that are there to come back.
  static func metadata(of context: CallContext) {
    if let value = context.metadata[initialName] {
      var metadata = Metadata()
      metadata.append(initialName, value)
      context.reply.setInitialMetadata(metadata)
    }
    if let value = context.metadata[binary: trailingName] {
      var metadata = Metadata()
      metadata.append(binary: trailingName, value)
      context.reply.setTrailingMetadata(metadata)
    }
  }

  /// Ends the call with the status that the caller asks for, unless it is a good one.
  static func status(_ wanted: EchoStatus?) throws(RPCError) {
    guard let wanted, wanted.code != 0 else { return }
    // A client takes a code that it does not know for UNKNOWN, and so does this one.
    let code = StatusCode(rawValue: Int(wanted.code)) ?? .unknown
    throw RPCError(code: code, message: wanted.message)
  }
}
