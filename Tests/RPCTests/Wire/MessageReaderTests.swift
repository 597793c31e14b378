import SeededRandom
import Testing

@testable import RPC

@Suite("Length-prefixed messages")
struct MessageReaderTests {
  static func framed(_ messages: [[UInt8]]) -> [UInt8] {
    messages.flatMap { MessageFrame.prefix(length: $0.count) + $0 }
  }

  private func read(_ pieces: [[UInt8]], bytesMax: Int = 1_000) throws -> [[UInt8]] {
    var reader = MessageReader(bytesMax: bytesMax)
    var messages: [[UInt8]] = []
    for piece in pieces {
      reader.append(piece.span)
      while let message = try reader.next() { messages.append(message.bytes) }
    }
    #expect(reader.isAtBoundary)
    return messages
  }

  @Test func theBodyMaySplitAnywhere() throws {
    let messages: [[UInt8]] = [[1, 2, 3], [], [4], Array(0..<20)]
    let body = Self.framed(messages)
    for cut in 0...body.count {
      #expect(try read([Array(body[..<cut]), Array(body[cut...])]) == messages)
    }
    #expect(try read(body.map { [$0] }) == messages)
  }

  @Test func anySplitGivesTheSame() throws {
    var random = SplitMix("message reader")
    for _ in 0..<200 {
      let messages = (0..<Int.random(in: 0...10, using: &random)).map { _ in
        [UInt8](
          repeating: .random(in: 0...255, using: &random),
          count: .random(in: 0...300, using: &random))
      }
      var rest = Self.framed(messages)[...]
      var pieces: [[UInt8]] = []
      while !rest.isEmpty {
        pieces.append(Array(rest.prefix(.random(in: 1...200, using: &random))))
        rest = rest.dropFirst(pieces[pieces.count - 1].count)
      }
      #expect(try read(pieces) == messages)
    }
  }

  @Test(arguments: [
    ([0, 0, 0, 3, 0xe9], MessageReader.Fault.tooLarge(limit: 1_000)),
    ([0, 0xff, 0xff, 0xff, 0xff], .tooLarge(limit: 1_000)),
    ([1, 0, 0, 0, 0], .compressed), ([2, 0, 0, 0, 0], .malformed),
    ([0xff, 0, 0, 0, 0], .malformed),
  ])
  func prefixesAreJudgedBeforeTheirMessages(body: [UInt8], fault: MessageReader.Fault) {
    #expect(throws: fault) { try read([body]) }
    #expect(throws: fault) { try MessageReader.isWhole(body, bytesMax: 1_000) }
  }

  @Test func theLimitItselfFits() throws {
    let message = [UInt8](repeating: 1, count: 1_000)
    #expect(try read([Self.framed([message])]) == [message])
  }

  @Test(arguments: [
    ([], false), ([0, 0, 0, 0], false), ([0, 0, 0, 0, 0], true), ([0, 0, 0, 0, 1], false),
    ([0, 0, 0, 0, 1, 9], true), ([0, 0, 0, 0, 1, 9, 9], false),
  ])
  func wholeBodiesAreKnown(body: [UInt8], isWhole: Bool) throws {
    #expect(try MessageReader.isWhole(body, bytesMax: 1_000) == isWhole)
  }

  /// Many small messages in one large body: time stays linear, memory goes back.
  @Test func bufferedBodiesAreDropped() throws {
    let messages = [[UInt8]](repeating: [1, 2, 3], count: 50_000)
    #expect(try read([Self.framed(messages)]).count == 50_000)
  }
}
