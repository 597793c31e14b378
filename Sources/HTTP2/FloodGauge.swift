/// Judges whether a peer sends more than it has a reason to.
///
/// Two things are weighed. Frames that carry nothing (PING, SETTINGS, PRIORITY, WINDOW_UPDATE, DATA without bytes,
/// frames of unknown types) are earned back by requests, by body bytes and by the DATA that we send, since all of these
/// give a proper peer reason for some. Resets, those of the peer (CVE-2023-44487) and those that its violations force
/// on us (CVE-2025-8671), are earned back by streams that come to a proper end.
struct FloodGauge {
  private var idleFrames: Allowance
  private var resets: Allowance
  private(set) var pings = 0
  private(set) var answers = 0

  init(_ limits: SessionLimits) {
    idleFrames = Allowance(burst: limits.idleFrameBurst, perSecond: limits.idleFramesPerSecond)
    resets = Allowance(burst: limits.resetBurst, perSecond: limits.resetsPerSecond)
  }

  var isFlooded: Bool { idleFrames.isSpent || resets.isSpent }

  mutating func fill(atMilliseconds now: Int64) {
    idleFrames.fill(atMilliseconds: now)
    resets.fill(atMilliseconds: now)
  }

  /// The peer has begun to send this frame.
  mutating func received(_ frame: FrameHeader) {
    switch frame.type {
    case FrameHeader.headers: idleFrames.earn(2)
    case FrameHeader.data where frame.length > 0: idleFrames.earn(1)
    case FrameHeader.data where frame.has(FrameHeader.endStream): break
    case FrameHeader.reset: resets.spend()
    // nghttp2 counts these behind their HEADERS.
    case FrameHeader.continuation: break
    default:
      if frame.type == FrameHeader.ping, !frame.has(FrameHeader.acknowledgement) { pings += 1 }
      idleFrames.spend()
    }
  }

  /// We have sent HEADERS or DATA.
  mutating func sentAnswer() {
    answers &+= 1
    idleFrames.earn(10)
  }

  /// We had to reset a stream.
  mutating func sentReset() {
    resets.spend()
  }

  /// A stream has ended on both sides.
  mutating func finishedStream() {
    resets.earn(1)
  }
}
