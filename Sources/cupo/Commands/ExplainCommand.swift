internal import ArgumentParser
internal import CupoClient
internal import CupoSchema
internal import Protobuf

struct ExplainCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Say all that stands in the way of a sale, and when each of it lifts.",
    discussion: "cupo explain boat-tour@2026-12-24T10:00:00-05:00 x4")

  @Argument(help: "PRODUCT or PRODUCT@SLOT, and xN for how many. Without: as few as can be.")
  var line: [String]

  @Option(help: "Look at the limits of this buyer too.")
  var buyer = ""

  @OptionGroup var options: ClientOptions

  func validate() throws {
    _ = try request()
  }

  func run() async throws {
    let request = try request()
    try await options.session { client in
      let answer = try await client.explainAvailability(request)
      options.show(answer, Self.lines(answer, on: .standard))
    }
  }

  func request() throws -> ExplainAvailabilityRequest {
    do throws(Expectation) {
      let lines = try LineArguments.parse(line)
      guard lines.count == 1 else { throw Expectation(message: "one product at a time") }
      var request = ExplainAvailabilityRequest()
      request.productID = lines[0].productID
      request.slot = lines[0].slot
      request.quantity = line.count > 1 ? lines[0].quantity : 0
      request.buyerID = buyer
      return request
    } catch {
      throw ValidationError(error.message)
    }
  }

  static func lines(_ answer: ExplainAvailabilityResponse, on terminal: Terminal) -> [String] {
    let asOf = answer.asOf.map { " as of \(TimestampText.format($0))" } ?? ""
    guard !answer.sellable else {
      return [TextColor.green.paint("it can be sold", on: terminal) + asOf]
    }
    var table = TextTable()
    table.append(["REASON", "OF", "LIFTS", "WHY"].map { TextTable.Cell($0) })
    for obstacle in answer.obstacles {
      table.append([
        .init(obstacle.reason.description, color: .red), .init(obstacle.subject),
        .init(obstacle.until.map { TimestampText.format($0) } ?? "not by itself"),
        .init(obstacle.description),
      ])
    }
    return ["it cannot be sold\(asOf)"] + table.lines(on: terminal)
  }
}
