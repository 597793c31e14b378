import InteropSchema
import RPC

/// Whether requests come as compressed as they say.
enum Compression {
  /// Refuses a message that is not what its sender believes it to be.
  static func check(_ expected: BoolValue?, wasCompressed: Bool) throws(RPCError) {
    guard let expected, expected.value != wasCompressed else { return }
    let came = wasCompressed ? "came compressed" : "did not come compressed"
    throw RPCError(code: .invalidArgument, message: "the request \(came)")
  }
}
