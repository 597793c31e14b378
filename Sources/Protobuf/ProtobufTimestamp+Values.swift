extension ProtobufTimestamp {
  /// An instant: seconds since 1970-01-01T00:00:00Z, and nanoseconds that always count forward.
  package init(seconds: Int64, nanos: Int32 = 0) {
    self.init()
    self.seconds = seconds
    self.nanos = nanos
  }

  /// Whether the instant lies in the years 0001 to 9999, as google/protobuf/timestamp.proto asks.
  package var isWellFormed: Bool {
    (-62_135_596_800...253_402_300_799).contains(seconds) && (0...999_999_999).contains(nanos)
  }
}
