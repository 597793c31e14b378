import Protobuf
import Testing

/// The well-known messages against bytes written by hand from the wire format's definition.
@Suite struct WellKnownTests {
  @Test func encodesAsTheWireFormatSays() {
    #expect(ProtobufDuration(seconds: 300, nanos: 1).encoded() == [0x08, 0xac, 0x02, 0x10, 0x01])
    #expect(
      ProtobufTimestamp(seconds: -1).encoded()
        == [0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01])
    #expect(ProtobufDuration().encoded().isEmpty)
  }

  @Test func decodesWhatItEncodes() throws {
    var any = ProtobufAny()
    any.typeURL = "type.googleapis.com/google.protobuf.Duration"
    any.value = ProtobufDuration(seconds: 2).encoded()
    #expect(try ProtobufAny(decoding: any.encoded().span) == any)
    #expect(try ProtobufAny(decoding: [UInt8]().span) == ProtobufAny())
  }

  @Test func packsMessages() throws {
    let any = ProtobufAny(packing: ProtobufDuration(seconds: 2))
    #expect(any.typeURL == "type.googleapis.com/google.protobuf.Duration")
    #expect(try any.unpacked(as: ProtobufDuration.self) == ProtobufDuration(seconds: 2))
    #expect(try any.unpacked(as: ProtobufTimestamp.self) == nil)
  }

  @Test func knowsItsFiles() throws {
    let duration = try #require(
      ProtobufFiles.all.first { $0.name == "google/protobuf/duration.proto" })
    #expect(duration.symbols == ["google.protobuf.Duration"])
    #expect(duration.bytes.starts(with: [0x0a, 30] + Array(duration.name.utf8)))
    #expect(ProtobufFiles.all.contains { $0.name == "google/protobuf/descriptor.proto" })
  }

  @Test func appendsToWhatIsThere() {
    var output: [UInt8] = [7]
    ProtobufDuration(seconds: 1).encode(into: &output)
    #expect(output == [7, 0x08, 0x01])
  }

  @Test(
    arguments: [
      (1, 0, true), (0, 0, true), (-1, -5, true), (1, -5, false), (-1, 5, false), (0, -5, true),
      (315_576_000_000, 0, true), (315_576_000_001, 0, false), (0, 1_000_000_000, false),
    ] as [(Int64, Int32, Bool)])
  func durationIsWellFormed(seconds: Int64, nanos: Int32, outcome: Bool) {
    #expect(ProtobufDuration(seconds: seconds, nanos: nanos).isWellFormed == outcome)
  }

  @Test(
    arguments: [
      (0, 0, true), (-1, 999_999_999, true), (0, -1, false), (0, 1_000_000_000, false),
      (253_402_300_799, 0, true), (253_402_300_800, 0, false), (-62_135_596_801, 0, false),
    ] as [(Int64, Int32, Bool)])
  func timestampIsWellFormed(seconds: Int64, nanos: Int32, outcome: Bool) {
    #expect(ProtobufTimestamp(seconds: seconds, nanos: nanos).isWellFormed == outcome)
  }

  @Test func durationsAreOrdered() {
    let ordered = [(-2, 0), (-1, -5), (-1, 0), (0, -1), (0, 0), (0, 1), (1, 0)]
      .map { ProtobufDuration(seconds: $0.0, nanos: $0.1) }
    #expect(ordered.shuffled().sorted() == ordered)
  }
}
