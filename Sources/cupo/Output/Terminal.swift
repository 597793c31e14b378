#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// Where a command writes.
struct Terminal {
  /// Whether a person looks at standard output, so that lines can be coloured and drawn again.
  let isInteractive: Bool
  let hasColor: Bool

  static let standard = Terminal()

  private init() {
    isInteractive = isatty(STDOUT_FILENO) == 1 && Environment["TERM"] != "dumb"
    // https://no-color.org
    hasColor = isInteractive && Environment["NO_COLOR"] == nil
  }

  init(isInteractive: Bool, hasColor: Bool) {
    self.isInteractive = isInteractive
    self.hasColor = hasColor
  }

  /// How many lines fit.
  var rows: Int {
    var size = winsize()
    let answered = unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0
    return answered && size.ws_row > 2 ? Int(size.ws_row) : 24
  }

  /// Writes a line to standard output at once: readers of a pipe wait for it.
  ///
  /// - Returns: Whether somebody still reads.
  @discardableResult
  static func write(_ line: String) -> Bool {
    put(line + "\n", to: STDOUT_FILENO)
  }

  /// Writes text without a line end.
  ///
  /// - Returns: Whether somebody still reads.
  @discardableResult
  static func draw(_ text: String) -> Bool {
    put(text, to: STDOUT_FILENO)
  }

  /// Writes a line to standard error.
  static func complain(_ line: String) {
    put(line + "\n", to: STDERR_FILENO)
  }

  /// Writes text without a line end to standard error.
  static func drawError(_ text: String) {
    put(text, to: STDERR_FILENO)
  }

  /// How many characters fit into a line of standard error, where a person looks at it; nil elsewhere.
  static var errorColumns: Int? {
    guard isatty(STDERR_FILENO) == 1, Environment["TERM"] != "dumb" else { return nil }
    var size = winsize()
    let answered = unsafe ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0
    return answered && size.ws_col > 20 ? Int(size.ws_col) : 80
  }

  // A reader that has gone away is no error of ours.
  @discardableResult
  private static func put(_ text: String, to descriptor: Int32) -> Bool {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let written = unsafe bytes.withUnsafeBytes {
        unsafe systemWrite(descriptor, $0.baseAddress, $0.count)
      }
      if written < 0, errno == EINTR { continue }
      guard written > 0 else { return false }
      bytes = bytes.dropFirst(written)
    }
    return true
  }
}

// By another name: inside ``Terminal``, `write` is its own.
private func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
  unsafe write(descriptor, bytes, count)
}
