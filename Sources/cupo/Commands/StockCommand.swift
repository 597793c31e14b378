internal import ArgumentParser
internal import CupoClient
internal import CupoSchema
internal import Protobuf

struct StockCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stock",
    abstract: "Add to the total of a stock, or take from it: a delivery came in, something broke.")

  @Argument(help: "The resource: a stock with a limited total.")
  var resource: String

  @Option(help: "How many units came in.")
  var add: Int64?

  @Option(help: "How many units went.")
  var remove: Int64?

  @Option(help: "Why, for the audit log: no personal data.")
  var reason = ""

  @Option(help: "Names this adjustment, so that it can be sent again. Absent: a new one is made.")
  var requestID: String?

  @OptionGroup var options: ClientOptions

  func validate() throws {
    guard (add == nil) != (remove == nil), add ?? remove ?? 0 > 0 else {
      throw ValidationError("Say either --add or --remove, with a number above 0.")
    }
  }

  func run() async throws {
    let request = request()
    try await options.session { client in
      show(try await client.adjustStock(request))
    }
  }

  func request() -> AdjustStockRequest {
    var request = AdjustStockRequest()
    request.resourceID = resource
    request.delta = add ?? -(remove ?? 0)
    request.reason = reason
    request.requestID = requestID ?? TimeOrderedKey.make()
    return request
  }

  private func show(_ response: AdjustStockResponse) {
    if options.json {
      Terminal.write(MessageJSON.value(response).pretty)
      return
    }
    guard let resource = response.resource, case .stock(let stock)? = resource.inventory,
      case .units(let units)? = stock.total?.kind
    else { return }
    Terminal.write("\(resource.resourceID): \(units) in total, version \(resource.version)")
    if response.replayed { Terminal.write("  note: answered before") }
  }
}
