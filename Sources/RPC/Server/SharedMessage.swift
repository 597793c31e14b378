internal import Synchronization

/// One message for many calls: encoded by whoever makes it, compressed once at most, by the first call that wants it so.
package final class SharedMessage: Sendable {
  /// Below this many bytes a message is not compressed: the callers' work outweighs what it would save.
  package static let compressedFrom = 1_024

  package let bytes: [UInt8]
  private let compressed = Mutex<[UInt8]?>(nil)

  package init(_ bytes: [UInt8]) {
    self.bytes = bytes
  }

  /// The message with its prefix, in the two parts that a sink takes.
  func frame(isCompressed: Bool) -> (first: [UInt8], second: [UInt8]) {
    guard isCompressed, bytes.count >= Self.compressedFrom else {
      return (MessageFrame.prefix(length: bytes.count), bytes)
    }
    let frame = compressed.withLock { known in
      if let known { return known }
      let frame = MessageFrame.compress(MessageFrame.prefix(length: bytes.count), bytes)
      known = frame
      return frame
    }
    return (frame, [])
  }
}
