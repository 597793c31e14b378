internal import CNghttp2

// What the owner of a session looks at to judge its peer. All of it is counted as it happens and costs nothing to ask.

extension Session {
  /// Pings that have come since the beginning.
  package var pingsReceived: Int { state.gauge.pings }

  /// HEADERS and DATA frames sent since the beginning, modulo the size of the number.
  package var answersSent: Int { state.gauge.answers }

  /// The number of the frame or header block that has begun and not ended, bodies aside; nil: there is none.
  package var unfinishedFrame: UInt64? { state.input.unfinished }

  /// Streams that the peer lets us have open at once.
  package var streamsMax: Int {
    unsafe Int(
      nghttp2_session_get_remote_settings(handle, NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS))
  }

  /// Bytes of bodies that wait for the peer, on all streams together.
  package var queuedBytes: Int { state.table.queuedBytes }

  /// Ends a period, as long as the owner likes, and answers the streams that had nothing happen on them for whole periods:
  /// `inputPeriods` without a byte of the request's body, or `outputPeriods` with bytes to send and none sent.
  package mutating func endPeriod(inputPeriods: UInt32, outputPeriods: UInt32) -> [Stall] {
    state.period &+= 1
    var stalls: [Stall] = []
    for (slot, stream) in state.table.streams.enumerated() where stream.id != 0 {
      let reference = state.table.reference(slot: slot)
      // The period in which something happened last counts from its end.
      if stream.isFinished || !stream.output.isEmpty {
        guard state.period &- stream.outputPeriod > outputPeriods else { continue }
        stalls.append(Stall(stream: reference, side: .output))
      } else if !stream.isRemoteEnded, state.period &- stream.inputPeriod > inputPeriods {
        stalls.append(Stall(stream: reference, side: .input))
      }
    }
    return stalls
  }
}
