import CapacityEngine
import Testing

@testable import cupo

@Suite struct ProgressTests {
  private func bar(_ done: Int, of total: Int?, _ unit: WorkProgress.Unit, _ seconds: Double)
    -> ProgressBar
  {
    ProgressBar(progress: WorkProgress("copying", done: done, of: total, unit), seconds: seconds)
  }

  @Test func `a bar with rate and time left`() {
    #expect(
      bar(1_200_000_000, of: 2_000_000_000, .bytes, 12).line(columns: 100)
        == "copying  [##################------------]  60 %  1.2 GB of 2.0 GB  100 MB/s  8s left")
    #expect(
      bar(250_000, of: 1_000_000, .records, 2).plainLine
        == "copying: 25 %, 250,000 of 1,000,000, 125,000/s, 6s left")
    #expect(bar(2_000_000_000, of: nil, .bytes, 20).lastLine == "copying: 2.0 GB in 20s, 100 MB/s")
    #expect(bar(12, of: 12, .records, 0.1).lastLine == "copying: 12 in under 1s")
  }

  @Test(arguments: 0...130) func `no line is too long`(columns: Int) {
    let line = bar(123_456_789, of: 987_654_321, .bytes, 75).line(columns: columns)
    #expect(line.count <= columns)
    #expect(columns < 70 || line.contains("["))
  }

  @Test func `what is not known is not said`() {
    #expect(bar(5_000, of: nil, .records, 10).plainLine == "copying: 5,000, 500/s")
    #expect(bar(0, of: 100, .records, 10).plainLine == "copying: 0 %, 0 of 100")
    #expect(bar(10, of: 100, .records, 0.1).plainLine == "copying: 10 %, 10 of 100")
    #expect(bar(200, of: 100, .records, 10).line(columns: 80).contains("100 %"))
    #expect(bar(0, of: 0, .records, 10).line(columns: 80) == "copying  0 of 0")
  }

  @Test(arguments: [
    (0, "0 B"), (999, "999 B"), (1_000, "1.0 kB"), (9_949, "9.9 kB"), (9_950, "10 kB"),
    (999_499, "999 kB"), (999_500, "1.0 MB"), (1_500_000_000, "1.5 GB"),
    (7_000_000_000_000, "7.0 TB"),
  ])
  func `sizes`(bytes: Int, text: String) {
    #expect(ProgressBar.size(bytes) == text)
  }

  @Test(arguments: [
    (0, "0"), (999, "999"), (1_000, "1,000"), (1_234_567, "1,234,567"), (-1_000, "-1,000"),
  ])
  func `numbers`(number: Int, text: String) {
    #expect(ProgressBar.grouped(number) == text)
  }

  // MARK: Over time

  private final class Screen {
    var now = 0.0
    var written: [String] = []
    func display(columns: Int?) -> ProgressDisplay {
      ProgressDisplay(columns: columns, seconds: { self.now }, write: { self.written.append($0) })
    }
  }

  @Test func `what is over at once shows nothing`() {
    for columns in [nil, 80] {
      let screen = Screen()
      let display = screen.display(columns: columns)
      for done in 0...100 {
        screen.now = Double(done) * 0.004
        display.show(WorkProgress("copying", done: done, of: 100, .records))
      }
      display.finish()
      display.finish()
      #expect(screen.written.isEmpty)
    }
  }

  @Test func `a file gets a line now and then, and the sum`() {
    let screen = Screen()
    let display = screen.display(columns: nil)
    for done in 0...250 {
      screen.now = Double(done) * 0.1
      display.show(WorkProgress("copying", done: done, of: 250, .records))
    }
    display.finish()
    #expect(
      screen.written == [
        "copying: 40 %, 100 of 250, 10/s, 15s left\n", "copying: 80 %, 200 of 250, 10/s, 5s left\n",
        "copying: 250 in 25s, 10/s\n",
      ])
  }

  @Test func `a terminal's line is drawn again, not more often than anybody sees`() {
    let screen = Screen()
    let display = screen.display(columns: 80)
    for done in 0...2_000 {
      screen.now = Double(done) * 0.001
      display.show(WorkProgress("copying", done: done, of: 2_000, .records))
    }
    display.show(WorkProgress("verifying", done: 0, of: 9, .records))
    #expect((12...17).contains(screen.written.count), "\(screen.written.count)")
    #expect(
      screen.written.dropLast(2).allSatisfy { $0.hasPrefix("\r") && $0.hasSuffix("\u{1b}[K") })
    #expect(screen.written.suffix(2) == ["\r\u{1b}[K", "copying: 2,000 in 2s, 1,000/s\n"])
    display.finish()
    #expect(screen.written.suffix(2).last == "copying: 2,000 in 2s, 1,000/s\n")
  }
}
