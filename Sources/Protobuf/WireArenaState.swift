internal import CProtobufC

#if canImport(Darwin)
  internal import Darwin
#else
  internal import Glibc
#endif

/// What a ``WireArena`` points to: one block that stays, and blocks that come and go.
@unsafe struct WireArenaState {
  /// First, so that a pointer to the state is a pointer to its allocator.
  private var allocator: ProtobufCAllocator
  private var next: UnsafeMutableRawPointer
  private var left: Int
  private let firstBlock: UnsafeMutableRawPointer
  /// Later blocks, each with a pointer to the one before it in its first word.
  private var laterBlocks: UnsafeMutableRawPointer?
  private var laterBlockBytes = unsafe WireArenaState.firstBlockBytes
  var limit: Int
  var claimed = 0
  var exceeded = false

  private static let firstBlockBytes = 64 << 10
  private static let alignment = 16

  static let threadKey: pthread_key_t = {
    var key = pthread_key_t()
    let failure = unsafe pthread_key_create(&key) { kept in
      guard let kept = unsafe kept as UnsafeMutableRawPointer? else { return }
      unsafe destroy(kept.assumingMemoryBound(to: WireArenaState.self))
    }
    precondition(failure == 0, "the process has used up its thread-local keys")
    return key
  }()

  static func create(limit: Int) -> UnsafeMutablePointer<WireArenaState> {
    let state = UnsafeMutablePointer<WireArenaState>.allocate(capacity: 1)
    unsafe state.initialize(to: WireArenaState(limit: limit))
    unsafe state.pointee.allocator.allocator_data = UnsafeMutableRawPointer(state)
    return unsafe state
  }

  static func destroy(_ state: UnsafeMutablePointer<WireArenaState>) {
    unsafe state.pointee.reset()
    unsafe state.pointee.firstBlock.deallocate()
    unsafe state.deinitialize(count: 1)
    unsafe state.deallocate()
  }

  private init(limit: Int) {
    unsafe firstBlock = .allocate(byteCount: Self.firstBlockBytes, alignment: Self.alignment)
    unsafe next = firstBlock
    unsafe left = Self.firstBlockBytes
    unsafe self.limit = limit
    unsafe allocator = ProtobufCAllocator(
      alloc: { data, size in
        guard let data = unsafe data else { return nil }
        let state = unsafe data.assumingMemoryBound(to: WireArenaState.self)
        return unsafe state.pointee.allocate(size)
      },
      // Nothing is freed one by one: the arena is emptied as a whole.
      free: { _, _ in },
      allocator_data: nil)
  }

  /// Memory for `size` bytes, or nil beyond the limit.
  mutating func allocate(_ size: Int) -> UnsafeMutableRawPointer? {
    guard size >= 0, unsafe size <= limit - claimed else {
      unsafe exceeded = true
      return nil
    }
    let rounded = unsafe (size + Self.alignment - 1) & ~(Self.alignment - 1)
    if unsafe rounded > left { unsafe addBlock(for: rounded) }
    let memory = unsafe next
    unsafe next += rounded
    unsafe left -= rounded
    unsafe claimed += size
    return unsafe memory
  }

  mutating func reset() {
    while let block = unsafe laterBlocks {
      unsafe laterBlocks = block.load(as: UnsafeMutableRawPointer?.self)
      unsafe block.deallocate()
    }
    unsafe laterBlockBytes = Self.firstBlockBytes
    unsafe next = firstBlock
    unsafe left = Self.firstBlockBytes
    unsafe claimed = 0
    unsafe exceeded = false
  }

  private mutating func addBlock(for size: Int) {
    unsafe laterBlockBytes *= 2
    let bytes = unsafe max(laterBlockBytes, size + Self.alignment)
    let block = unsafe UnsafeMutableRawPointer.allocate(
      byteCount: bytes, alignment: Self.alignment)
    unsafe block.storeBytes(of: laterBlocks, as: UnsafeMutableRawPointer?.self)
    unsafe laterBlocks = block
    unsafe next = block + Self.alignment
    unsafe left = bytes - Self.alignment
  }
}
