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
  }

  private(set) var openCount = 0
  var streams: [Stream] = []
  private var free: [Int] = []

  /// Opens a slot for stream `id`.
  mutating func open(id: Int32) -> Int {
    openCount += 1
    if let slot = free.popLast() {
      streams[slot].id = id
      return slot
    }
    streams.append(Stream(id: id))
    return streams.count - 1
  }

  mutating func close(slot: Int) {
    openCount -= 1
    streams[slot].id = 0
    streams[slot].output.removeAll()
    streams[slot].trailers = nil
    streams[slot].isFinished = false
    streams[slot].isDeferred = false
    streams[slot].awaitsRoom = false
    streams[slot].isRemoteEnded = false
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
