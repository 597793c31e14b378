#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Blocks the calling thread, which is the lane's own.
enum Pause {
  static func sleep(microseconds: UInt32) {
    usleep(microseconds)
  }
}
