#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// What the system says about the last call that failed on this thread.
enum SystemError {
  static func text(_ code: Int32 = errno) -> String {
    unsafe String(cString: strerror(code))
  }
}
