internal import ArgumentParser
internal import CupoClient
internal import CupoSchema

struct ConsumeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "consume", abstract: "Sell what is held: the payment is confirmed.")

  @Argument(help: "The id of the reservation.")
  var id: String

  @OptionGroup var amounts: AmountArguments

  @Flag(help: "If the hold has expired, try once to take the same units again.")
  var reacquire = false

  @OptionGroup var options: ClientOptions

  func run() async throws {
    var request = ConsumeRequest()
    request.reservationID = id
    request.amounts = amounts.amounts
    request.requestID = amounts.requestIDToSend
    request.reacquireIfExpired = reacquire
    try await options.session { [request] client in
      let response = try await client.consume(request)
      ReservationOutput(options).show(response, response.reservation, note(response))
    }
  }

  private func note(_ response: ConsumeResponse) -> String? {
    if response.outcome == .consumedAfterReacquire {
      return "the hold had expired, and its units could be taken again"
    }
    return response.replayed ? "answered before" : nil
  }
}
