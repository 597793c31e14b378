import SeededRandom
import Testing

@testable import RPC

@Suite("Text and bytes in header fields")
struct EncodingTests {
  @Test(arguments: [
    ("", ""), ("plain text", "plain text"), ("100 %", "100 %25"), ("\n", "%0A"),
    ("ñ", "%C3%B1"), ("\t\u{7f}", "%09%7F"), ("~", "~"), ("😀", "%F0%9F%98%80"),
  ])
  func messagesAreEncoded(text: String, encoded: String) {
    #expect(PercentEncoding.encode(text) == encoded)
    #expect(PercentEncoding.decode(encoded) == text)
  }

  @Test(arguments: [
    ("%", "%"), ("%4", "%4"), ("%zz", "%zz"), ("%41%", "A%"), ("%c3%b1", "ñ"), ("%ff", "\u{fffd}"),
  ])
  func brokenEscapesStay(encoded: String, text: String) {
    #expect(PercentEncoding.decode(encoded) == text)
  }

  @Test func anyTextComesBack() {
    var random = SplitMix("percent encoding")
    for _ in 0..<500 {
      let text = String(
        (0..<Int.random(in: 0...30, using: &random)).compactMap { _ in
          Unicode.Scalar(UInt32.random(in: 0...0x1_f600, using: &random)).map(Character.init)
        })
      let encoded = PercentEncoding.encode(text)
      #expect(encoded.utf8.allSatisfy { (0x20...0x7e).contains($0) })
      #expect(PercentEncoding.decode(encoded) == text)
    }
  }

  @Test(arguments: [
    ("", []), ("AA", [0]), ("AA==", [0]), ("AAE", [0, 1]), ("AAE=", [0, 1]), ("AAH/", [0, 1, 255]),
    ("+/+/", [0xfb, 0xff, 0xbf]),
  ])
  func base64IsRead(text: String, bytes: [UInt8]) {
    #expect(Base64.decode(text) == bytes)
  }

  @Test(arguments: ["A", "AAAAA", "A A", "AA-_", "===", "AA=A", "AA\n"])
  func otherTextIsNotBase64(text: String) {
    #expect(Base64.decode(text) == nil)
  }

  @Test func anyBytesComeBack() {
    var random = SplitMix("base64")
    for count in 0..<200 {
      let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
      #expect(Base64.decode(Base64.encode(bytes)) == bytes)
    }
  }
}
