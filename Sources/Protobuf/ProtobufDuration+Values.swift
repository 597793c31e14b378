extension ProtobufDuration: Comparable {
  /// A duration of whole seconds and nanoseconds, which have the same sign.
  package init(seconds: Int64, nanos: Int32 = 0) {
    self.init()
    self.seconds = seconds
    self.nanos = nanos
  }

  /// Whether both parts are in range and of one sign, as google/protobuf/duration.proto asks.
  package var isWellFormed: Bool {
    (-315_576_000_000...315_576_000_000).contains(seconds)
      && (-999_999_999...999_999_999).contains(nanos)
      && (seconds == 0 || nanos == 0 || (seconds < 0) == (nanos < 0))
  }

  /// The shorter one comes first; meant for well-formed durations.
  package static func < (left: Self, right: Self) -> Bool {
    (left.seconds, left.nanos) < (right.seconds, right.nanos)
  }
}
