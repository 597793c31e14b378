/// The open streams of a session. A slot is used again when its stream has closed.
struct StreamTable {
  /// One stream's side of the output.
  struct Stream {
    var id: Int32 = 0
    var output = OutputQueue()
    /// What ends the stream behind the body; nil: the body ends it.
    var trailers: Headers?
    /// No more output will be added.
    var isFinished = false
    /// nghttp2 asked for bytes when there were none and has to be told when there are.
    var isDeferred = false
    /// The owner found the queue full and waits for ``Event/writable(_:)``.
    var awaitsRoom = false
    /// The peer has ended its side.
    var isRemoteEnded = false
    /// We have told the peer that we want no more of it.
    var wasResetByUs = false
    /// The period in which the peer sent bytes of its body last, or opened the stream.
    var inputPeriod: UInt32 = 0
    /// The period in which bytes went out last, or began to wait.
    var outputPeriod: UInt32 = 0
  }

  /// Bytes in all output queues.
  private(set) var queuedBytes = 0

  private(set) var openCount = 0
  var streams: [Stream] = []
  private var free: [Int] = []

  /// Opens a slot for stream `id`.
  mutating func open(id: Int32, period: UInt32 = 0) -> Int {
    openCount += 1
    if let slot = free.popLast() {
      streams[slot].id = id
      streams[slot].inputPeriod = period
      return slot
    }
    streams.append(Stream(id: id, inputPeriod: period))
    return streams.count - 1
  }

  /// Adds to a stream's output.
  mutating func append(slot: Int, _ bytes: [UInt8], period: UInt32) {
    if streams[slot].output.isEmpty { streams[slot].outputPeriod = period }
    queuedBytes += bytes.count
    streams[slot].output.append(bytes)
  }

  /// Ends a stream's output behind what waits.
  mutating func finish(slot: Int, trailers: Headers?, period: UInt32) {
    if streams[slot].output.isEmpty { streams[slot].outputPeriod = period }
    streams[slot].trailers = trailers
    streams[slot].isFinished = true
  }

  /// Moves output into `buffer` and answers how much that was.
  mutating func read(slot: Int, into buffer: UnsafeMutableRawBufferPointer, period: UInt32) -> Int {
    let copied = unsafe streams[slot].output.read(into: buffer)
    queuedBytes -= copied
    if copied > 0 { streams[slot].outputPeriod = period }
    return copied
  }

  mutating func close(slot: Int) {
    openCount -= 1
    streams[slot].id = 0
    queuedBytes -= streams[slot].output.bytes
    streams[slot].output.removeAll()
    streams[slot].trailers = nil
    streams[slot].isFinished = false
    streams[slot].isDeferred = false
    streams[slot].awaitsRoom = false
    streams[slot].isRemoteEnded = false
    streams[slot].wasResetByUs = false
    free.append(slot)
  }

  func contains(_ stream: StreamReference) -> Bool {
    stream.slot < streams.count && streams[stream.slot].id == stream.id && stream.id != 0
  }

  func reference(slot: Int) -> StreamReference {
    StreamReference(slot: slot, id: streams[slot].id)
  }

  /// The slot of stream `id`, by search: for rare cases only.
  func slot(id: Int32) -> Int? {
    streams.firstIndex { $0.id == id }
  }
}
