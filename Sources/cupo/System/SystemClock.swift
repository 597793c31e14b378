internal import Capacity

#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// The wall clock of the machine.
enum SystemClock {
  static func now() -> Instant {
    var time = timespec()
    _ = unsafe clock_gettime(CLOCK_REALTIME, &time)  // Cannot fail for this clock.
    return Instant(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000)
  }

  /// Whole seconds since 1970.
  static func seconds() -> Int64 { now().seconds }
}
