import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// What a run says when a precondition of the product ends it: the seed, which is all that is needed to see it again.
enum LastWords {
  private static let current = Atomic<UInt64>(0)

  static var seed: UInt64 {
    get { current.load(ordering: .relaxed) }
    set { current.store(newValue, ordering: .relaxed) }
  }

  /// Prints them on the signals that traps raise.
  static func prepare() {
    for number in [SIGILL, SIGTRAP, SIGSEGV, SIGBUS] {
      signal(number) { number in
        LastWords.write("a precondition failed in seed ")
        LastWords.write(String(LastWords.seed))
        LastWords.write("\n")
        signal(number, SIG_DFL)
        raise(number)
      }
    }
  }

  private static func write(_ text: String) {
    var text = text
    text.withUTF8 { bytes in _ = unsafe Glibc.write(2, bytes.baseAddress, bytes.count) }
  }
}
