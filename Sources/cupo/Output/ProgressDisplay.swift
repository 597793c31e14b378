internal import CapacityEngine

/// Shows the progress of long work on standard error: a bar that is drawn again on a terminal, a line now and then elsewhere.
///
/// What is over sooner than anybody looks shows nothing.
final class ProgressDisplay {
  private static let drawnEvery = 0.1
  private static let lineEvery = 10.0
  private static let silentSeconds = 0.5

  private let columns: Int?
  private let seconds: () -> Double
  private let write: (String) -> Void
  private var last: WorkProgress?
  private var stepStart = 0.0
  private var shownAt = 0.0
  private var isDrawn = false

  /// - Parameters:
  ///   - columns: of the terminal; nil: there is none.
  ///   - seconds: a clock that never goes back.
  ///   - write: takes text as it is, line ends included.
  init(columns: Int?, seconds: @escaping () -> Double, write: @escaping (String) -> Void) {
    (self.columns, self.seconds, self.write) = (columns, seconds, write)
  }

  /// On standard error of this process.
  static func standard() -> ProgressDisplay {
    let start = ContinuousClock.now
    return ProgressDisplay(
      columns: Terminal.errorColumns, seconds: { (ContinuousClock.now - start) / .seconds(1) },
      write: { Terminal.drawError($0) })
  }

  func show(_ progress: WorkProgress) {
    let now = seconds()
    if progress.step != last?.step {
      finish()
      stepStart = now
      shownAt = now
    }
    last = progress
    let age = now - stepStart
    let pause = columns == nil ? Self.lineEvery : Self.drawnEvery
    guard age >= Self.silentSeconds, now - shownAt >= pause else { return }
    shownAt = now
    let bar = ProgressBar(progress: progress, seconds: age)
    guard let columns else { return write(bar.plainLine + "\n") }
    isDrawn = true
    // To the start of the line, which is cleared behind what is written.
    write("\r\(bar.line(columns: columns - 1))\u{1b}[K")
  }

  /// Ends the step that is shown, if there is one: it is said once more, as a whole.
  func finish() {
    guard let step = last else { return }
    last = nil
    let age = seconds() - stepStart
    if isDrawn { write("\r\u{1b}[K") }
    isDrawn = false
    guard age >= Self.silentSeconds else { return }
    write(ProgressBar(progress: step, seconds: age).lastLine + "\n")
  }
}
