internal import HTTP2
internal import Logging

/// Writes one line for each frame of a connection, if anybody listens at level trace.
final class FrameLog {
  /// Who is at the other end.
  var peer = ""
  private let logger: Logger

  /// nil where nobody listens: then a frame costs nothing.
  init?(_ logger: Logger) {
    guard logger.logLevel <= .trace else { return nil }
    self.logger = logger
  }

  func write(_ direction: FrameDirection, _ frame: FrameHeader) {
    let way = direction == .received ? "received" : "sent"
    logger.trace("\(peer) \(way) \(frame)")
  }
}
