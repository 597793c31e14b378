internal import ArgumentParser
internal import CupoClient
internal import CupoSchema
internal import Protobuf

struct ListReservationsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reservations",
    abstract: "List the reservations that match every filter, newest first.")

  @Option(help: "Only of this buyer.")
  var buyer = ""

  @Option(help: "Only with a line of this product.")
  var product = ""

  @Option(help: "Only with a line in this slot.")
  var slot = ""

  @Option(help: "Only with a line of this seller.")
  var seller = ""

  @Option(
    help: ArgumentHelp(
      "Only in this state: held, consumed, released, expired or cancelled; may come several times.")
  )
  var state: [StateArgument] = []

  @Option(help: "At most so many.")
  var limit: UInt32 = 100

  @OptionGroup var options: ClientOptions

  func run() async throws {
    try await options.session { client in
      var request = request()
      var left = Int(limit)
      var isFirst = true
      repeat {
        request.pageSize = UInt32(min(max(1, left), 500))
        let page = try await client.listReservations(request)
        options.show(
          page,
          ReservationTable.lines(page.reservations, withNames: isFirst, on: .standard))
        (isFirst, left) = (false, left - page.reservations.count)
        request.pageToken = page.nextPageToken
      } while left > 0 && !request.pageToken.isEmpty
    }
  }

  func request() -> ListReservationsRequest {
    var request = ListReservationsRequest()
    (request.buyerID, request.productID) = (buyer, product)
    (request.slot, request.sellerID) = (slot, seller)
    request.states = state.map(\.state)
    return request
  }
}

/// A state by its name.
struct StateArgument: ExpressibleByArgument, Equatable {
  let state: ReservationState

  init?(argument: String) {
    switch argument.lowercased() {
    case "held": state = .held
    case "consumed": state = .consumed
    case "released": state = .released
    case "expired": state = .expired
    case "cancelled": state = .cancelled
    default: return nil
    }
  }
}
