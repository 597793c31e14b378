internal import ArgumentParser
internal import Capacity
internal import CupoClient
internal import CupoSchema

struct CalendarCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "calendar", abstract: "Show a month of a product, day by day.")

  @Argument(help: "The product.")
  var product: String

  @Option(help: "The month, YYYY-MM. Absent: this one, in UTC.")
  var month: MonthArgument?

  @Option(help: "How many would be bought together. Absent: as few as can be.")
  var quantity: UInt32 = 0

  @OptionGroup var options: ClientOptions

  func run() async throws {
    try await options.session { client in
      let answer = try await client.getCalendar(request())
      options.show(answer, lines(answer, on: .standard))
    }
  }

  func request() -> GetCalendarRequest {
    let month = month ?? .present
    var request = GetCalendarRequest()
    request.productID = product
    request.fromDate = month.first.description
    request.toDate = month.last.description
    request.quantity = quantity
    return request
  }

  func lines(_ answer: GetCalendarResponse, on terminal: Terminal) -> [String] {
    var facts = [product]
    if !answer.timeZone.isEmpty { facts.append(answer.timeZone) }
    if let asOf = answer.asOf { facts.append("as of \(TimestampText.format(asOf))") }
    if quantity > 1 { facts.append("for \(quantity) together") }
    func gray(_ text: String) -> String { TextColor.gray.paint(text, on: terminal) }
    return [gray(facts.joined(separator: " · "))] + CalendarGrid.lines(answer.days, on: terminal)
      + CalendarGrid.reasons(answer.days).map { gray("closed \($0)") }
      + [gray(CalendarGrid.legend)]
  }
}
