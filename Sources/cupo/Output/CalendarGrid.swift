internal import Capacity
internal import CupoSchema
internal import Protobuf

/// A month as people hang it on a wall: a row a week, and in each day what is left of it.
enum CalendarGrid {
  private static let gap = "   "

  /// - Parameter days: of one month, from its first date on.
  static func lines(_ days: [CalendarDay], on terminal: Terminal) -> [String] {
    guard let first = days.first.flatMap({ CivilDate($0.date) }) else { return [] }
    let amounts = days.map(amount)
    let width = max(5, 4 + (amounts.map(\.count).max() ?? 0))
    let names = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    let header = names.map { padded($0, width) }.joined(separator: gap)
    var cells = Array(
      repeating: String(repeating: " ", count: width), count: first.weekday.rawValue - 1)
    for (day, amount) in zip(days, amounts) {
      cells.append(cell(day, amount, width, on: terminal))
    }
    let weeks = stride(from: 0, to: cells.count, by: 7).map { start in
      cells[start..<min(start + 7, cells.count)].joined(separator: gap)
    }
    return [title(first), trimmed(header)] + weeks.map(trimmed)
  }

  static let legend =
    "+ available  ~ limited  ! too few  ? held only  x sold out  . closed; the number is what is left"

  /// Why days are closed, days in a row with the same reason together.
  static func reasons(_ days: [CalendarDay]) -> [String] {
    var runs: [(reason: String, from: String, to: String)] = []
    for day in days {
      // That there is nothing on a day is seen in the grid.
      guard day.status == .closed, day.slots > 0 else {
        runs.append(("", "", ""))
        continue
      }
      let reason =
        day.closureReason.isEmpty
        ? day.closedReason.description : "\(day.closedReason) (\(day.closureReason))"
      if let last = runs.last, last.reason == reason {
        runs[runs.count - 1].to = day.date
      } else {
        runs.append((reason, day.date, day.date))
      }
    }
    return runs.filter { !$0.reason.isEmpty }.map { run in
      "\(run.from == run.to ? run.from : "\(run.from)..\(run.to)"): \(run.reason)"
    }
  }

  // `24 + 120`: the day of the month, how it stands, and what is left.
  private static func cell(
    _ day: CalendarDay, _ amount: String, _ width: Int, on terminal: Terminal
  ) -> String {
    let number = CivilDate(day.date).map { "\($0.components.day)" } ?? "?"
    let sign = day.slots == 0 ? " " : sign(day.status)
    let start = "\(number.count < 2 ? " " : "")\(number) \(sign)"
    let rest = width - 4 - amount.count
    let text = start + String(repeating: " ", count: rest) + amount
    return TextColor(day.status).paint(text, on: terminal)
  }

  private static func amount(_ day: CalendarDay) -> String {
    switch day.status {
    case .closed: ""
    default: day.unlimited ? " ∞" : " \(day.totalRemaining)"
    }
  }

  private static func sign(_ status: AvailabilityStatus) -> String {
    switch status {
    case .available: "+"
    case .limited: "~"
    case .insufficient: "!"
    case .heldOnly: "?"
    case .soldOut: "x"
    default: "."
    }
  }

  private static func title(_ first: CivilDate) -> String {
    let names = [
      "January", "February", "March", "April", "May", "June", "July", "August", "September",
      "October", "November", "December",
    ]
    let (year, month, _) = first.components
    return "\(names[month - 1]) \(year)"
  }

  private static func padded(_ text: String, _ width: Int) -> String {
    " " + text + String(repeating: " ", count: max(0, width - 1 - text.count))
  }

  private static func trimmed(_ line: String) -> String {
    var line = line
    while line.last == " " { line.removeLast() }
    return line
  }
}
