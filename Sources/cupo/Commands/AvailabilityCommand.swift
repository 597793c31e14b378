internal import ArgumentParser
internal import CupoClient
internal import CupoSchema

struct AvailabilityCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "availability", abstract: "Show what is left of a product, slot by slot.")

  @Argument(help: "The product.")
  var product: String

  @Option(help: "The first date, YYYY-MM-DD. Absent: today.")
  var from = ""

  @Option(help: "The last date. Absent: the first one.")
  var to = ""

  @Option(help: "How many would be bought together. Absent: as few as can be.")
  var quantity: UInt32 = 0

  @Flag(help: "Show every pool behind each slot too.")
  var pools = false

  @OptionGroup var options: ClientOptions

  func run() async throws {
    try await options.session { client in
      let answer = try await allPages(client)
      options.show(answer, lines(answer))
    }
  }

  // At most 366 dates of a product, so the pages together stay small.
  private func allPages(_ client: CupoClient) async throws(CupoError) -> GetAvailabilityResponse {
    var request = GetAvailabilityRequest()
    request.productID = product
    (request.fromDate, request.toDate) = (from, to)
    request.quantity = quantity
    request.withPools = pools
    var answer = try await client.getAvailability(request)
    while !answer.nextPageToken.isEmpty {
      request.pageToken = answer.nextPageToken
      let page = try await client.getAvailability(request)
      answer.slots += page.slots
      answer.nextPageToken = page.nextPageToken
    }
    return answer
  }

  private func lines(_ answer: GetAvailabilityResponse) -> [String] {
    var facts = [product]
    if !answer.timeZone.isEmpty { facts.append(answer.timeZone) }
    if let asOf = answer.asOf { facts.append("as of \(TimestampText.format(asOf))") }
    if quantity > 1 { facts.append("for \(quantity) together") }
    let title = TextColor.gray.paint(facts.joined(separator: " · "), on: .standard)
    let legend = TextColor.gray.paint(AvailabilityTable.legend, on: .standard)
    guard !answer.slots.isEmpty else { return [title, "no slots in this range"] }
    return [title]
      + AvailabilityTable.lines(answer.slots, withPools: pools, on: .standard) + [legend]
  }
}
