import Gzip
import SeededRandom
import Testing

@Suite("gzip")
struct GzipTests {
  @Test func whatGoesInComesOut() throws {
    var random = SplitMix("gzip")
    for count in [0, 1, 100, 16 * 1_024, 16 * 1_024 + 1, 1_000_000] {
      let isPlain = Bool.random(using: &random)
      let bytes = (0..<count).map { _ in isPlain ? 7 : UInt8.random(in: 0...255, using: &random) }
      #expect(try Gzip.decompress(Gzip.compress(bytes.span).span, bytesMax: count) == bytes)
    }
  }

  @Test func theLimitIsExact() throws {
    let compressed = Gzip.compress([UInt8](repeating: 0, count: 100_000).span)
    #expect(throws: Gzip.Fault.tooLarge) {
      try Gzip.decompress(compressed.span, bytesMax: 99_999)
    }
    #expect(try Gzip.decompress(compressed.span, bytesMax: 100_000).count == 100_000)
  }

  @Test func damageIsNoticed() {
    let compressed = Gzip.compress(Array("some text, some text, some text".utf8).span)
    var random = SplitMix("damage")
    for cut in 0..<compressed.count {
      let part = Array(compressed[..<cut])
      #expect(throws: Gzip.Fault.malformed) { try Gzip.decompress(part.span, bytesMax: 100) }
    }
    let longer = compressed + [0]
    #expect(throws: Gzip.Fault.malformed) { try Gzip.decompress(longer.span, bytesMax: 100) }
    for _ in 0..<500 {
      var other = compressed
      other[Int.random(in: 0..<other.count, using: &random)] ^=
        UInt8(1) << UInt8.random(in: 0..<8, using: &random)
      // It may be a harmless bit of the header; it never crashes, and never yields another text.
      if let text = try? Gzip.decompress(other.span, bytesMax: 100) {
        #expect(text == Array("some text, some text, some text".utf8))
      }
    }
  }
}
