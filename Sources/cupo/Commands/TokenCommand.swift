internal import ArgumentParser
internal import Identity

struct TokenCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "token",
    abstract: "Make a token by the signing key of the server on this machine.",
    discussion: """
      For a server that was started without --token-keys; it has made the key in its data folder. The token is the only \
      thing on standard output:

        grpcurl -H "authorization: Bearer $(cupo token --role buyer --subject ana)" …

      Whoever has a token is who it says until it runs out.
      """)

  @Option(
    help: ArgumentHelp(
      "buyer, seller, checkout, search, worker, support, finance or admin; may come several times.",
      valueName: "role"))
  var role: [RoleArgument]

  @Option(help: "Who the bearer is: a buyer's id, or how events name a service or a person.")
  var subject: String

  @Option(help: "How long it is good: 90s, 15m, 2h, 30d.")
  var ttl = DurationArgument(milliseconds: 3_600_000)

  @Option(
    help: ArgumentHelp(
      "A seller whose things are the bearer's; may come several times.", valueName: "id"))
  var seller: [String] = []

  @Option(help: "The data folder of the server.")
  var data = OwnKeyOptions.defaultData

  private static let secondsMax: Int64 = 366 * 86_400

  func validate() throws {
    guard !role.isEmpty else { throw ValidationError("--role says what the bearer may do.") }
    guard ([subject] + seller).allSatisfy({ Principal.isID($0) }) else {
      throw ValidationError(
        "--subject and --seller have 1 to 64 bytes of printable ASCII, without spaces.")
    }
    guard (1_000...Self.secondsMax * 1_000).contains(ttl.milliseconds) else {
      throw ValidationError("--ttl is between 1s and 366d.")
    }
  }

  func run() async throws {
    try await Reporting.run {
      guard let key = try await OwnKey.read(in: data) else {
        throw Failure(
          .notFound,
          """
          there is no \(OwnKey.path(in: data))
            to do: start the server first, which makes it, or name its data folder by --data
          """)
      }
      let token = try TokenMint(key: key).token(
        subject: subject, roles: RoleSet(role.map(\.role)), sellerIDs: Set(seller),
        seconds: ttl.milliseconds / 1_000)
      Terminal.write(token)
    }
  }
}
