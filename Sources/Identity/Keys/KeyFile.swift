/// A file that keys are read from, as it was found.
package struct KeyFile: Equatable, Sendable {
  /// Without its folder.
  package var name: String
  package var bytes: [UInt8]
  /// Whether it is the server's own signing key, of which the public half counts. Private keys of others are refused: whoever
  /// has them can make tokens.
  package var isOwn: Bool

  /// The largest file that is read.
  package static let bytesMax = 256 * 1_024
  /// Files of a folder at most.
  package static let filesMax = 64

  package init(name: String, bytes: [UInt8], isOwn: Bool = false) {
    self.name = name
    self.bytes = bytes
    self.isOwn = isOwn
  }
}
