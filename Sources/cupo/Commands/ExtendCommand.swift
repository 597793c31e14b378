internal import ArgumentParser
internal import CupoClient
internal import CupoSchema

struct ExtendCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "extend", abstract: "Hold on for longer, as far as the product allows.")

  @Argument(help: "The id of the reservation.")
  var id: String

  @Option(help: "How long to hold from now on: 90s, 15m, 2h.")
  var ttl: DurationArgument

  @Option(help: "Names this extension, so that it can be sent again. Absent: a new one is made.")
  var requestID: String?

  @OptionGroup var options: ClientOptions

  func run() async throws {
    var request = ExtendRequest()
    request.reservationID = id
    request.ttl = ttl.message
    request.requestID = requestID ?? TimeOrderedKey.make()
    try await options.session { [request] client in
      let response = try await client.extend(request)
      ReservationOutput(options).show(
        response, response.reservation, response.replayed ? "answered before" : nil)
    }
  }
}
