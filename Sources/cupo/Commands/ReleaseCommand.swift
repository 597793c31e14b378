internal import ArgumentParser
internal import CupoClient
internal import CupoSchema

struct ReleaseCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "release", abstract: "Give back what is held: it can be sold again at once.")

  @Argument(help: "The ids of the reservations; more than one only without --line.")
  var ids: [String]

  @OptionGroup var amounts: AmountArguments

  @Option(help: "Why, for the audit log: no personal data.")
  var reason = ""

  @OptionGroup var options: ClientOptions

  func validate() throws {
    if ids.count > 1, !amounts.lines.isEmpty {
      throw ValidationError("--line is about one reservation.")
    }
  }

  func run() async throws {
    try await options.session { client in
      for id in ids {
        let response = try await client.release(request(id))
        ReservationOutput(options).show(
          response, response.reservation, response.replayed ? "there was nothing to do" : nil)
      }
    }
  }

  private func request(_ id: String) -> ReleaseRequest {
    var request = ReleaseRequest()
    request.reservationID = id
    request.amounts = amounts.amounts
    request.requestID = amounts.requestIDToSend
    request.reason = reason
    return request
  }
}
