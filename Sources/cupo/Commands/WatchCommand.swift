internal import ArgumentParser
internal import CupoClient
internal import CupoSchema

struct WatchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "watch",
    abstract: "Follow what is left, live.",
    discussion: """
      On a terminal the slots are drawn in place; elsewhere, and with --json, each change is a line.
      End it with control-C.
      """)

  @Argument(help: "The products. None: all.")
  var products: [String] = []

  @Option(help: "Only products of this seller.")
  var seller = ""

  @Option(help: "The first date, YYYY-MM-DD. Absent: today, moving on with time.")
  var from = ""

  @Option(help: "The last date. Absent: as far as is sold.")
  var to = ""

  @OptionGroup var options: ClientOptions

  func run() async throws {
    try await options.session { client in
      let changes = try await client.watchAvailability(request())
      var screen = WatchScreen(terminal: .standard, json: options.json)
      var messages = changes.makeAsyncIterator()
      while let message = try await messages.next(), screen.show(message) {}
    }
  }

  private func request() -> WatchAvailabilityRequest {
    var request = WatchAvailabilityRequest()
    request.productIDs = products
    request.sellerID = seller
    (request.fromDate, request.toDate) = (from, to)
    return request
  }
}
