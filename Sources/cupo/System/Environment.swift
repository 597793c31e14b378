#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// The variables of the process; an empty one is as good as none.
enum Environment {
  static subscript(name: String) -> String? {
    let text = unsafe getenv(name).map { unsafe String(cString: $0) }
    return text == "" ? nil : text
  }
}
