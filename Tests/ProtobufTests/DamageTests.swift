import Protobuf
import SeededRandom
import Testing

/// Bytes that are not the message that they should be.
@Suite struct DamageTests {
  private func error(_ bytes: [UInt8]) -> DecodingError? {
    do throws(DecodingError) {
      _ = try ProtobufAny(decoding: bytes.span)
      return nil
    } catch { return error }
  }

  @Test func truncatedAtEveryByte() {
    var any = ProtobufAny()
    any.typeURL = "type.googleapis.com/x"
    any.value = [1, 2, 3, 4]
    let whole = any.encoded()
    let boundary = 2 + any.typeURL.utf8.count
    for length in 1..<whole.count where length != boundary {
      #expect(error(Array(whole.prefix(length)))?.kind == .malformed, "at \(length)")
    }
  }

  @Test(
    arguments: [
      [0x0a, 0x03, 0x61, 0x00, 0x62],  // a NUL
      [0x0a, 0x01, 0xff],  // never in UTF-8
      [0x0a, 0x02, 0xc0, 0xaf],  // overlong
      [0x0a, 0x03, 0xed, 0xa0, 0x80],  // a surrogate
    ] as [[UInt8]])
  func stringsAreUTF8WithoutNUL(bytes: [UInt8]) {
    #expect(error(bytes) == DecodingError(.invalidString, subject: "google.protobuf.Any.type_url"))
  }

  @Test(
    arguments: [
      [0x0a],  // a length is missing
      [0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f],  // a length beyond the end
      [0x00, 0x00],  // field number 0
      [0x0b, 0x0c],  // a group
      [0x0a, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01],  // no number
    ] as [[UInt8]])
  func malformed(bytes: [UInt8]) {
    #expect(error(bytes) == DecodingError(.malformed, subject: "google.protobuf.Any"))
  }

  @Test func bytesMayHoldAnything() throws {
    let any = try ProtobufAny(decoding: ([0x12, 0x03, 0x00, 0xff, 0x00] as [UInt8]).span)
    #expect(any.value == [0x00, 0xff, 0x00])
  }

  @Test func unknownFieldsSurvive() throws {
    // A number, a string, 4 and 8 fixed bytes, with small and large field numbers.
    let unknown: [UInt8] = [
      0xa0, 0x06, 0x05, 0xaa, 0x06, 0x02, 0x68, 0x69, 0xad, 0x06, 1, 2, 3, 4,
      0xf9, 0xff, 0xff, 0xff, 0x0f, 1, 2, 3, 4, 5, 6, 7, 8,
    ]
    let known = ProtobufDuration(seconds: 9).encoded()
    let decoded = try ProtobufDuration(decoding: (unknown + known).span)
    #expect(decoded.seconds == 9)
    #expect(decoded.unknownFields == unknown)
    #expect(decoded.encoded() == known + unknown)
  }

  @Test func randomBytesNeverTrap() throws {
    let seed = Seed.value
    var random = SplitMix(seed: seed)
    for _ in 0..<20_000 {
      let count = Int.random(in: 0...40, using: &random)
      let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
      guard let decoded = try? ProtobufAny(decoding: bytes.span) else { continue }
      #expect(try ProtobufAny(decoding: decoded.encoded().span) == decoded, "seed \(seed)")
    }
  }
}
