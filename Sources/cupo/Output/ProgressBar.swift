internal import CapacityEngine

/// How long work looks on a terminal and elsewhere: text from numbers, nothing else.
struct ProgressBar {
  private static let cellsMax = 30

  var progress: WorkProgress
  /// How long it has been going on.
  var seconds: Double

  /// One line of at most `columns` characters: `copying  [######----]  60 %  1.2 GB of 2 GB  103 MB/s  8s left`.
  func line(columns: Int) -> String {
    let head = "\(progress.step)  "
    let tail = words.joined(separator: "  ")
    let cells = min(Self.cellsMax, columns - head.count - tail.count - 4)
    guard let share, cells >= 8 else { return String((head + tail).prefix(columns)) }
    let full = Int((share * Double(cells)).rounded(.down))
    let bar = String(repeating: "#", count: full) + String(repeating: "-", count: cells - full)
    return "\(head)[\(bar)]  \(tail)"
  }

  /// The same for a file: `copying: 60 %, 1.2 GB of 2 GB, 103 MB/s, 8s left`.
  var plainLine: String { "\(progress.step): \(words.joined(separator: ", "))" }

  /// Once the step is done: `copying: 2 GB in 19s, 103 MB/s`.
  var lastLine: String {
    let took = seconds < 1 ? "under 1s" : DurationText.rough(seconds: Int64(seconds))
    let rate = rate.map { ", \(amount($0))/s" } ?? ""
    return "\(progress.step): \(amount(progress.done)) in \(took)\(rate)"
  }

  private var words: [String] {
    var words: [String] = []
    if let share { words.append("\(Int(share * 100)) %") }
    let total = progress.total.map { " of \(amount($0))" } ?? ""
    words.append(amount(progress.done) + total)
    if let rate { words.append("\(amount(rate))/s") }
    if let left { words.append("\(DurationText.rough(seconds: left)) left") }
    return words
  }

  /// From 0 to 1; nil: nobody knows what there is to do.
  private var share: Double? {
    guard let total = progress.total, total > 0 else { return nil }
    return min(1, max(0, Double(progress.done) / Double(total)))
  }

  // What came in the first moments says nothing.
  private var rate: Int? {
    guard seconds >= 0.5, progress.done > 0 else { return nil }
    return Int((Double(progress.done) / seconds).rounded())
  }

  private var left: Int64? {
    guard let rate, rate > 0, let total = progress.total, total > progress.done else { return nil }
    return Int64(((Double(total) - Double(progress.done)) / Double(rate)).rounded(.up))
  }

  private func amount(_ number: Int) -> String {
    switch progress.unit {
    case .bytes: Self.size(number)
    case .records: Self.grouped(number)
    }
  }

  /// `1.2 GB`: three digits at most, in powers of 1000 like `--keep-events-size`.
  static func size(_ bytes: Int) -> String {
    var (value, unit) = (Double(bytes), "B")
    for next in ["kB", "MB", "GB", "TB"] where value >= 999.5 {
      (value, unit) = (value / 1_000, next)
    }
    guard unit != "B", value < 9.95 else { return "\(Int(value.rounded())) \(unit)" }
    let tenths = Int((value * 10).rounded())
    return "\(tenths / 10).\(tenths % 10) \(unit)"
  }

  /// `1,234,567`.
  static func grouped(_ number: Int) -> String {
    var digits = Array("\(number.magnitude)")
    for index in stride(from: digits.count - 3, to: 0, by: -3) { digits.insert(",", at: index) }
    return (number < 0 ? "-" : "") + String(digits)
  }
}
