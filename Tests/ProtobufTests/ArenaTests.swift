import Protobuf
import Testing

/// The memory that messages are decoded in.
@Suite struct ArenaTests {
  @Test(arguments: [
    (0, 64 << 10), (100, (64 << 10) + 3200), (4 << 20, 64 << 20), (Int.max, 64 << 20),
  ])
  func limitFollowsTheInput(inputBytes: Int, limit: Int) {
    #expect(WireArena.limit(inputBytes: inputBytes) == limit)
  }

  @Test func countsWhatItGives() {
    let arena = WireArena.forEncoding()
    _ = unsafe arena.space(bytes: 100)
    _ = unsafe arena.space(bytes: 1 << 20)
    #expect(arena.usedBytes == 100 + (1 << 20))
    arena.release()
    let again = WireArena.forEncoding()
    #expect(again.usedBytes == 0)
    again.release()
  }

  @Test func twoAtATimeDoNotShare() {
    let first = WireArena.forEncoding()
    let second = WireArena.forEncoding()
    #expect(unsafe first.space(bytes: 8) != second.space(bytes: 8))
    second.release()
    first.release()
  }

  @Test func emptyElementsBeyondTheLimitAreRefused() {
    // 2 bytes of input for each unknown field, about 40 of memory while scanning and 32 to keep.
    let bytes = [UInt8](unknownFields: 3 << 20)
    #expect(throws: DecodingError(.tooLarge, subject: "google.protobuf.Duration")) {
      try ProtobufDuration(decoding: bytes.span)
    }
  }
}

extension [UInt8] {
  /// As many unknown fields of two bytes as fit: field 15, a number.
  fileprivate init(unknownFields count: Int) {
    self = (0..<count).map { $0 % 2 == 0 ? 0x78 : 0x01 }
  }
}
