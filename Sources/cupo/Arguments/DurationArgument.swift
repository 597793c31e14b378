internal import ArgumentParser
internal import Protobuf

/// A duration on the command line, as in `10m`.
struct DurationArgument: ExpressibleByArgument, Equatable {
  let milliseconds: Int64

  init(milliseconds: Int64) {
    self.milliseconds = milliseconds
  }

  init?(argument: String) {
    guard let milliseconds = DurationText.milliseconds(argument) else { return nil }
    self.milliseconds = milliseconds
  }

  var message: ProtobufDuration {
    ProtobufDuration(
      seconds: milliseconds / 1_000, nanos: Int32(milliseconds % 1_000) * 1_000_000)
  }

  /// As the help shows a default.
  var defaultValueDescription: String { DurationText.rough(seconds: milliseconds / 1_000) }

  var duration: Duration { .milliseconds(milliseconds) }
}
