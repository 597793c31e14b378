internal import ArgumentParser
internal import CupoClient
internal import CupoSchema

struct CancelCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cancel", abstract: "Return what was sold: it can be sold again at once.")

  @Argument(help: "The id of the reservation.")
  var id: String

  @OptionGroup var amounts: AmountArguments

  @Option(help: "Why, for the audit log: no personal data.")
  var reason = ""

  @OptionGroup var options: ClientOptions

  func run() async throws {
    var request = CancelRequest()
    request.reservationID = id
    request.amounts = amounts.amounts
    request.requestID = amounts.requestIDToSend
    request.reason = reason
    try await options.session { [request] client in
      let response = try await client.cancel(request)
      ReservationOutput(options).show(
        response, response.reservation, response.replayed ? "there was nothing to do" : nil)
    }
  }
}
