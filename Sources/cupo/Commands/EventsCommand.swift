internal import ArgumentParser
internal import CupoClient
internal import CupoSchema

struct EventsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "events",
    abstract: "Follow the log: everything that changed, in order.",
    discussion: """
      One line an event; with --json one message a line, whose resume_token --resume takes to go on behind it, also after \
      a restart of the server. End it with control-C.
      """)

  @Option(help: "Where to begin: `now`, or `start` for the oldest event that is kept.")
  var from = LogStart.now

  @Option(help: "Go on behind the message that had this resume_token, with the same filters.")
  var resume: TokenArgument?

  @Option(
    help: ArgumentHelp(
      "Only of this type, as in reservation-held; may come several times.", valueName: "type"))
  var type: [EventTypeArgument] = []

  @Option(help: "Only what concerns this seller.")
  var seller = ""

  @Flag(help: "End when everything that is stored has been shown.")
  var noFollow = false

  @OptionGroup var options: ClientOptions

  func validate() throws {
    if resume != nil, from == .start {
      throw ValidationError("--resume says where to begin: --from start would be another place.")
    }
  }

  func run() async throws {
    try await options.session { client in
      var messages = try await client.watchEvents(request()).makeAsyncIterator()
      while let message = try await messages.next(), show(message) {
        // The first message without events says that all that was stored has been sent.
        if noFollow, message.events.isEmpty { return }
      }
    }
  }

  func request() -> WatchEventsRequest {
    var request = WatchEventsRequest()
    request.types = type.map(\.type)
    request.sellerID = seller
    request.resumeToken = resume?.bytes ?? []
    request.fromBeginning = from == .start
    return request
  }

  // Answers whether somebody still looks.
  private func show(_ message: WatchEventsResponse) -> Bool {
    if options.json { return Terminal.write(MessageJSON.value(message).line) }
    return message.events.allSatisfy { Terminal.write(EventText.line($0, on: .standard)) }
  }
}

/// Where in the log to begin.
enum LogStart: String, ExpressibleByArgument, CaseIterable {
  case now, start
}
