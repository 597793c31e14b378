package import CProtobufC

#if canImport(Darwin)
  internal import Darwin
#else
  internal import Glibc
#endif

/// Memory for one pass through protobuf-c: a bump allocator with a limit, reused by its thread.
///
/// A message decides how much memory its decoded form asks for, so the arena counts and refuses.
/// Take one with ``forDecoding(inputBytes:)`` or ``forEncoding()``, and give it back with
/// ``release()`` before the function that took it returns; nothing that it handed out may be used
/// after that.
@safe package struct WireArena {
  /// The most that one decoded message may take, in bytes, whatever its input.
  package static let decodedBytesMax = 64 << 20
  /// How much a decoded message may take for each byte of input: an empty element costs 2 bytes on
  /// the wire, and a few hundred as a C struct, but whole messages of those are nobody's use.
  package static let decodedBytesPerInputByte = 32
  /// What every message may take, however short its input.
  package static let decodedBytesFree = 64 << 10

  private let state: UnsafeMutablePointer<WireArenaState>

  private init(state: UnsafeMutablePointer<WireArenaState>) {
    unsafe self.state = state
  }

  /// The limit for a message of `inputBytes`: the smaller of the fixed limit and the proportional
  /// one.
  package static func limit(inputBytes: Int) -> Int {
    guard inputBytes < decodedBytesMax / decodedBytesPerInputByte else { return decodedBytesMax }
    return min(decodedBytesMax, inputBytes * decodedBytesPerInputByte + decodedBytesFree)
  }

  /// An arena that refuses what a message of this length cannot need.
  package static func forDecoding(inputBytes: Int) -> WireArena {
    take(limit: limit(inputBytes: inputBytes))
  }

  /// An arena for the C form of a value that is in memory already; it never refuses.
  package static func forEncoding() -> WireArena {
    take(limit: .max)
  }

  /// An arena with a limit of the caller's choice, in bytes.
  package static func take(limit: Int) -> WireArena {
    let key = unsafe WireArenaState.threadKey
    if let kept = unsafe pthread_getspecific(key) {
      pthread_setspecific(key, nil)
      let state = unsafe kept.assumingMemoryBound(to: WireArenaState.self)
      unsafe state.pointee.limit = limit
      return unsafe WireArena(state: state)
    }
    return unsafe WireArena(state: WireArenaState.create(limit: limit))
  }

  /// Gives the arena back to its thread; everything it handed out is gone.
  package func release() {
    let key = unsafe WireArenaState.threadKey
    unsafe state.pointee.reset()
    if unsafe pthread_getspecific(key) == nil, unsafe pthread_setspecific(key, state) == 0 {
      return
    }
    unsafe WireArenaState.destroy(state)
  }

  /// What protobuf-c allocates with.
  package var allocator: UnsafeMutablePointer<ProtobufCAllocator> {
    // The allocator is the first member of the state.
    unsafe UnsafeMutableRawPointer(state).assumingMemoryBound(to: ProtobufCAllocator.self)
  }

  /// Whether an allocation was refused since the arena was taken.
  package var exceeded: Bool { unsafe state.pointee.exceeded }

  /// How many bytes were handed out since the arena was taken.
  package var usedBytes: Int { unsafe state.pointee.claimed }

  /// Memory for the C form of a value; aligned for every type.
  package func space(bytes: Int) -> UnsafeMutableRawPointer {
    guard let memory = unsafe state.pointee.allocate(bytes) else {
      preconditionFailure("an arena for encoding has no limit")
    }
    return unsafe memory
  }
}
