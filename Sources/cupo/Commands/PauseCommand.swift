internal import ArgumentParser
internal import CupoClient
internal import CupoSchema

struct PauseCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pause",
    abstract: "Stop sales of a product or resource at once, or let them go on.",
    discussion: "What is held or sold stays valid.")

  @Argument(help: "The ids of products; of resources with --resource.")
  var ids: [String]

  @Flag(help: "The ids are resources: everything that draws on them stops.")
  var resource = false

  @Flag(help: "Let sales go on.")
  var lift = false

  @Option(help: "Why, for the audit log: no personal data.")
  var reason = ""

  @OptionGroup var options: ClientOptions

  func run() async throws {
    try await options.session { client in
      for id in ids {
        let answer = try await client.setPause(request(id))
        Terminal.write(
          options.json ? MessageJSON.value(answer).pretty : line(id, answer.version))
      }
    }
  }

  func request(_ id: String) -> SetPauseRequest {
    var request = SetPauseRequest()
    request.target = resource ? .resourceID(id) : .productID(id)
    request.paused = !lift
    request.reason = reason
    return request
  }

  private func line(_ id: String, _ version: UInt64) -> String {
    "\(resource ? "resource" : "product") \(id) \(lift ? "goes on" : "paused") version \(version)"
  }
}
