internal import ArgumentParser
internal import CupoClient
internal import CupoSchema

struct GetCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "get", abstract: "Show a reservation.")

  @Argument(help: "Its id, or its code as in K7QF-93MX.")
  var name: String

  @OptionGroup var options: ClientOptions

  func run() async throws {
    try await options.session { client in
      let response = try await client.getReservation(Self.request(name))
      ReservationOutput(options).show(response, response.reservation)
    }
  }

  /// Ids begin with `rsv_`; codes have eight letters and digits, and a hyphen that people leave out.
  static func request(_ name: String) -> GetReservationRequest {
    var request = GetReservationRequest()
    let isCode = !name.contains("_") && name.filter { $0 != "-" }.count == 8
    request.name = isCode ? .code(name) : .reservationID(name)
    return request
  }
}
