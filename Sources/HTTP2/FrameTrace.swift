/// Which way a frame goes.
package enum FrameDirection: Sendable {
  case received
  case sent
}

/// What is told of each frame as it begins.
package typealias FrameTrace = (FrameDirection, FrameHeader) -> Void
