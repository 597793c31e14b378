internal import Gzip

/// A message as it came. It stays compressed until somebody reads it, so that what waits is bounded by the window.
struct WireMessage: Sendable, Equatable {
  var bytes: [UInt8]
  var isCompressed = false

  /// The message itself, at most `bytesMax` bytes long.
  func content(bytesMax: Int) throws(MessageReader.Fault) -> [UInt8] {
    guard isCompressed else { return bytes }
    do throws(Gzip.Fault) {
      return try Gzip.decompress(bytes.span, bytesMax: bytesMax)
    } catch {
      switch error {
      case .tooLarge: throw .tooLarge(limit: bytesMax)
      case .malformed: throw .malformed
      }
    }
  }
}
