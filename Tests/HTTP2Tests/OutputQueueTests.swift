import SeededRandom
import Testing

@testable import HTTP2

@Suite("Output queues")
struct OutputQueueTests {
  /// Whatever the sizes of chunks and reads, the bytes come out as they went in.
  @Test func bytesKeepTheirOrder() {
    var random = SplitMix("output queue")
    for _ in 0..<50 {
      var queue = OutputQueue()
      var (put, got) = ([UInt8](), [UInt8]())
      for _ in 0..<200 {
        if Bool.random(using: &random) {
          let chunk = (0..<Int.random(in: 0...50, using: &random)).map { _ in
            UInt8.random(in: 0...255, using: &random)
          }
          put += chunk
          queue.append(chunk)
        } else {
          got += read(&queue, Int.random(in: 1...80, using: &random))
        }
        #expect(queue.bytes == put.count - got.count)
      }
      got += read(&queue, put.count + 1)
      #expect(got == put && queue.isEmpty)
    }
  }

  private func read(_ queue: inout OutputQueue, _ count: Int) -> [UInt8] {
    unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      initialized = unsafe queue.read(into: UnsafeMutableRawBufferPointer(buffer))
    }
  }

  @Test(arguments: [
    ([1, 3, 5], [false, false, false]), ([5, 3], [false, true]),
    ([5, 1, 3, 7], [false, true, true, false]),
    ([1, 3, 3], [false, false, false]), ([9, 11, 7, 11, 13], [false, false, true, false, false]),
  ])
  func lateStreamsAreFound(ids: [Int32], expected: [Bool]) {
    var skipped = SkippedStreams()
    #expect(ids.map { skipped.received(id: $0) } == expected)
  }
}
