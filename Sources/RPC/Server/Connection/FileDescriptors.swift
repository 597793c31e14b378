#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// How many descriptors the process may have.
package enum FileDescriptors {
  /// Descriptors that connections leave to the rest of the process: files, listeners, event loops, clients.
  package static let reserve = 128

  /// Raises the soft limit to the hard one, and answers what it is then; nil: the system does not say.
  @discardableResult package static func raiseLimit() -> Int? {
    var limit = rlimit()
    guard unsafe getrlimit(resource, &limit) == 0 else { return nil }
    if limit.rlim_cur < limit.rlim_max {
      var raised = limit
      raised.rlim_cur = limit.rlim_max
      if unsafe setrlimit(resource, &raised) == 0 { limit = raised }
    }
    return Int(clamping: limit.rlim_cur)
  }

  /// The connections that fit below both limits; accepting runs ahead by a few, which the reserve has room for.
  static func connectionsMax(wanted: Int) -> Int {
    var limit = rlimit()
    guard unsafe getrlimit(resource, &limit) == 0 else { return wanted }
    let fitting = Int(clamping: limit.rlim_cur) - reserve
    return max(1, min(wanted, fitting))
  }

  #if canImport(Glibc)
    private static var resource: __rlimit_resource_t { __rlimit_resource_t(RLIMIT_NOFILE.rawValue) }
  #else
    private static var resource: Int32 { RLIMIT_NOFILE }
  #endif
}
