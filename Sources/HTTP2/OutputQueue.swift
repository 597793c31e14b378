/// The bytes of a body that wait for the peer's window, in order.
struct OutputQueue {
  /// How many bytes wait.
  private(set) var bytes = 0
  private var chunks: [[UInt8]] = []
  private var first = 0
  private var offset = 0

  var isEmpty: Bool { bytes == 0 }

  mutating func append(_ chunk: [UInt8]) {
    guard !chunk.isEmpty else { return }
    bytes += chunk.count
    chunks.append(chunk)
  }

  /// Moves what fits into `buffer` and answers how much that was.
  mutating func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
    var copied = 0
    while copied < buffer.count, first < chunks.count {
      let available = chunks[first].count - offset
      let taken = min(available, buffer.count - copied)
      unsafe chunks[first].withUnsafeBytes { chunk in
        let source = unsafe UnsafeRawBufferPointer(rebasing: chunk[offset..<offset + taken])
        let target = unsafe UnsafeMutableRawBufferPointer(
          rebasing: buffer[copied..<copied + taken])
        unsafe target.copyMemory(from: source)
      }
      copied += taken
      advance(by: taken, of: available)
    }
    bytes -= copied
    return copied
  }

  mutating func removeAll() {
    chunks.removeAll(keepingCapacity: chunks.capacity <= Self.keptChunks)
    (bytes, first, offset) = (0, 0, 0)
  }

  private static let keptChunks = 16

  private mutating func advance(by taken: Int, of available: Int) {
    guard taken == available else {
      offset += taken
      return
    }
    offset = 0
    chunks[first] = []
    first += 1
    if first == chunks.count {
      chunks.removeAll(keepingCapacity: true)
      first = 0
    } else if first >= Self.keptChunks, first * 2 >= chunks.count {
      chunks.removeFirst(first)
      first = 0
    }
  }
}
