/// Follows the frames of one direction by their headers alone, wherever the bytes are cut.
///
/// nghttp2 tells of frames once they are whole and of some not at all. What is begun and not finished, what is ignored,
/// and what there is too much of can be seen here only.
struct FrameScanner {
  /// Frames begun so far: tells one unfinished frame from the next.
  private(set) var count: UInt64 = 0
  private var preface: Int
  private var headerBytes = 0
  private var header: (high: UInt64, low: UInt8) = (0, 0)
  private var payload = 0
  private var current = FrameHeader(length: 0, type: 0, flags: 0, streamID: 0)
  /// A block of header fields is open: nothing but its CONTINUATION may follow.
  private var isInBlock = false

  static let prefaceBytes = 24
  private static let headerLength = 9

  /// A PRIORITY frame made a stream depend on itself.
  private(set) var sawSelfDependency = false
  /// The first bytes of a PRIORITY frame, and how many they are.
  private var dependency: (value: UInt32, bytes: Int) = (0, 0)

  /// - Parameter preface: bytes that come before the first frame.
  init(preface: Int) {
    self.preface = preface
  }

  /// The number of what is begun and has no end yet, body bytes aside, which may take their time; nil: nothing is.
  ///
  /// A header block that several frames carry counts as the first of them.
  var unfinished: UInt64? {
    if isInBlock { return blockStart }
    if headerBytes > 0 { return count + 1 }
    return payload > 0 && current.type != FrameHeader.data ? count : nil
  }

  private var blockStart: UInt64 = 0

  /// Takes the next bytes and tells `body` of each frame that begins in them.
  mutating func scan(_ input: Span<UInt8>, _ body: (FrameHeader) -> Void) {
    var index = min(preface, input.count)
    preface -= index
    while index < input.count {
      if payload > 0 {
        let taken = min(payload, input.count - index)
        if current.type == FrameHeader.priority {
          readPriority(input.extracting(index..<index + taken))
        }
        payload -= taken
        index += taken
        if payload == 0 { endFrame() }
        continue
      }
      append(input[index])
      index += 1
      if headerBytes == Self.headerLength {
        begin()
        body(current)
        if payload == 0 { endFrame() }
      }
    }
  }

  private mutating func readPriority(_ bytes: Span<UInt8>) {
    for index in bytes.indices where dependency.bytes < 4 {
      dependency = (dependency.value << 8 | UInt32(bytes[index]), dependency.bytes + 1)
      guard dependency.bytes == 4 else { continue }
      // The first bit says whether the dependency is exclusive.
      if Int32(dependency.value & 0x7fff_ffff) == current.streamID { sawSelfDependency = true }
    }
  }

  private mutating func append(_ byte: UInt8) {
    headerBytes += 1
    if headerBytes < Self.headerLength {
      header.high = header.high << 8 | UInt64(byte)
    } else {
      header.low = byte
    }
  }

  private mutating func begin() {
    count += 1
    let (high, low) = header
    current = FrameHeader(
      length: Int(high >> 40), type: UInt8(truncatingIfNeeded: high >> 32),
      flags: UInt8(truncatingIfNeeded: high >> 24),
      streamID: Int32(truncatingIfNeeded: (high & 0x7f_ffff) << 8 | UInt64(low)))
    (headerBytes, header, payload) = (0, (0, 0), current.length)
    dependency = (0, 0)
    if current.type == FrameHeader.headers, !current.has(FrameHeader.endHeaders) {
      (isInBlock, blockStart) = (true, count)
    }
  }

  private mutating func endFrame() {
    if current.type == FrameHeader.continuation, current.has(FrameHeader.endHeaders) {
      isInBlock = false
    }
  }
}
