internal import CJemalloc

/// The allocator of the executable: jemalloc, in place of the C library's.
///
/// A request's memory is taken on the connection's thread and given back on the lane's. The C library's allocator pays
/// for that with locks and consolidation, about a sixth of the processor time of a Reserve.
enum Allocator {
  /// Has what is unused given back to the system by a thread of jemalloc's own, not by the threads that serve.
  /// - Returns: false where this jemalloc has no such thread; then threads give back as they go.
  @discardableResult
  static func giveBackInBackground() -> Bool {
    cupo_jemalloc_give_back_in_background()
  }
}
