import InteropSchema
import RPC

extension Payload {
  /// What fits into a message beside its other fields; clients take 4 MiB unless they are told otherwise.
  static let bytesMax = 64 * 1_024 * 1_024

  /// A payload of `size` zero bytes.
  static func zeros(_ size: Int32) throws(RPCError) -> Payload {
    guard (0...bytesMax).contains(Int(size)) else {
      throw RPCError(
        code: .invalidArgument, message: "a response may have 0 to \(bytesMax) bytes, not \(size)")
    }
    var payload = Payload()
    payload.body = [UInt8](repeating: 0, count: Int(size))
    return payload
  }
}
