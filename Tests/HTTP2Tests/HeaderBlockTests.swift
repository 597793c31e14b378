import HTTP2
import SeededRandom
import Testing

@Suite("Header blocks")
struct HeaderBlockTests {
  @Test func fieldsComeBackInOrder() {
    var random = SplitMix("fields")
    let fields = (0..<100).map { number in
      (
        "name-\(number)",
        String(repeating: "v", count: Int.random(in: 0...70_000 / (number + 1), using: &random))
      )
    }
    let block = HeaderBlock(fields)
    var seen: [(String, String)] = []
    block.visit { name, value in
      seen.append((name.text, value.text))
      return true
    }
    #expect(seen.elementsEqual(fields, by: ==))
    #expect(block.count == 100)
    #expect(
      block.listBytes == fields.reduce(0) { $0 + $1.0.utf8.count + $1.1.utf8.count + 32 })
  }

  @Test func lookingEndsWhenAsked() {
    var seen = 0
    HeaderBlock.request.visit { _, _ in
      seen += 1
      return seen < 2
    }
    #expect(seen == 2)
  }

  @Test func blocksJoin() {
    var block = HeaderBlock([("a", "1")])
    block.append(HeaderBlock([("b", "2"), ("a", "3")]))
    #expect(block == HeaderBlock([("a", "1"), ("b", "2"), ("a", "3")]))
  }
}
