internal import NIOCore

/// Sizes the buffers that a connection is read into: small while it is idle, for there may be very many, and at once large
/// when it has much to say, for every read costs a system call and a turn.
struct ReceiveBuffers: RecvByteBufferAllocator {
  private static let idleBytes = 2 * 1_024
  private static let busyBytes = 64 * 1_024
  /// So many small reads in a row make a connection idle again.
  private static let patience: UInt8 = 64

  private var size = idleBytes
  private var smallReads: UInt8 = 0

  func buffer(allocator: ByteBufferAllocator) -> ByteBuffer {
    allocator.buffer(capacity: size)
  }

  func nextBufferSize() -> Int? { size }

  mutating func record(actualReadBytes: Int) -> Bool {
    if actualReadBytes >= Self.idleBytes {
      smallReads = 0
      size = Self.busyBytes
    } else if smallReads < Self.patience {
      smallReads += 1
    } else {
      size = Self.idleBytes
    }
    return size > actualReadBytes
  }
}
