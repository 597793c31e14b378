#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// What this process has cost so far.
enum ProcessTime {
  /// Processor time, the system's on its behalf included, in seconds.
  static func seconds() -> Double {
    var time = timespec()
    _ = unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)  // Cannot fail for this clock.
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}
