/// A message in wire form, made by whoever knows its bytes already.
package struct EncodedMessage: Sendable {
  /// With the prefix.
  let frame: [UInt8]

  /// - Parameters:
  ///   - bytesMax: how much room to make; more is allowed, and slow.
  ///   - write: appends the message.
  package init(bytesMax: Int, _ write: (inout [UInt8]) -> Void) {
    frame = MessageFrame.around(bytesMax: bytesMax, write)
  }
}
