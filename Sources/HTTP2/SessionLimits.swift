/// What a session allows its peer, and itself.
package struct SessionLimits: Sendable {
  /// Streams that the peer may have open at once.
  package var concurrentStreamsMax: UInt32 = 1_000
  /// The size of one header list as RFC 9113, section 6.5.2 counts it: 32 bytes a field and its name and value.
  package var headerListBytesMax: Int = 16 * 1_024
  /// Fields in one header list.
  package var headerFieldsMax: Int = 128
  /// What one stream may send us before we have used any of it, bytes.
  package var streamWindowBytes: Int32 = 256 * 1_024
  /// What all streams together may send us before we have used any of it, bytes.
  package var connectionWindowBytes: Int32 = 4 * 1_024 * 1_024
  /// Answers to pings and settings which may wait for the socket before the peer counts as flooding.
  package var outboundAcknowledgementsMax: Int = 1_000
  /// Entries in one SETTINGS frame.
  package var settingsEntriesMax: Int = 32
  /// CONTINUATION frames behind one HEADERS frame (CVE-2024-27316).
  package var continuationsMax: Int = 8
  /// Resets that a peer may send, or force on us, in one go (CVE-2023-44487, CVE-2025-8671); servers only.
  package var resetBurst: Int = 1_000
  /// Resets each second which fill that allowance up again, as does each stream that ends properly.
  package var resetsPerSecond: Int = 100
  /// Frames without use (PING, SETTINGS, PRIORITY, WINDOW_UPDATE, empty DATA, unknown ones) that a peer may send in one
  /// go, beyond what its requests and our answers are a reason for; servers only.
  package var idleFrameBurst: Int = 4_000
  /// Frames each second which fill that allowance up again.
  package var idleFramesPerSecond: Int = 100
  /// Bytes that may wait in a stream's output queue before ``Session/hasRoom(_:)`` is false.
  package var outputBytesMax: Int = 64 * 1_024

  package init() {}
}
