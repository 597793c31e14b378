internal import Synchronization

/// One message for many calls: encoded and framed by whoever makes it, compressed once at most, by the first call that wants it so.
package final class SharedMessage: Sendable {
  /// Below this many bytes a message is not compressed: the callers' work outweighs what it would save.
  package static let compressedFrom = 1_024

  // With its prefix.
  private let plain: [UInt8]
  private let compressed = Mutex<[UInt8]?>(nil)

  package init(_ bytes: [UInt8]) {
    plain = MessageFrame.prefix(length: bytes.count) + bytes
  }

  /// The message without its prefix.
  package var bytes: [UInt8] { Array(plain[MessageReader.prefixBytes...]) }
  /// Bytes of the message without its prefix.
  package var count: Int { plain.count - MessageReader.prefixBytes }

  /// The message with its prefix.
  func frame(isCompressed: Bool) -> [UInt8] {
    guard isCompressed, count >= Self.compressedFrom else { return plain }
    return compressed.withLock { known in
      if let known { return known }
      let frame = MessageFrame.compress(plain, [])
      known = frame
      return frame
    }
  }
}
