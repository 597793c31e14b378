internal import ArgumentParser
internal import CupoClient
internal import CupoSchema
internal import Identity
internal import RPC

/// How a command proves who calls.
struct OwnKeyOptions: ParsableArguments {
  static let defaultData = "./cupo-data"

  @Option(
    help: ArgumentHelp(
      """
      The token to send; also by the environment variable CUPO_TOKEN. Absent: to a server on this machine, one of an \
      administrator by the signing key in its data folder.
      """))
  var token: String?

  @Option(help: "The data folder of the server on this machine, for its signing key.")
  var data = defaultData

  /// What to send along with each call.
  func metadata(to endpoint: Endpoint) async throws(Failure) -> Metadata {
    var metadata = Metadata()
    if let token = try await token(to: endpoint) {
      metadata.append("authorization", "Bearer \(token)")
    }
    return metadata
  }

  /// The token to send; nil: there is none, and the server will say so.
  ///
  /// - Parameter own: makes one where none was given; nil: an administrator's.
  func token(
    to endpoint: Endpoint, own: ((TokenMint) throws(Failure) -> String)? = nil
  ) async throws(Failure) -> String? {
    if let token = token ?? Environment["CUPO_TOKEN"] { return token }
    guard let mint = try await mint(for: endpoint) else { return nil }
    if let own { return try own(mint) }
    return try mint.token(
      subject: "admin", roles: RoleSet(.admin), seconds: TokenMint.ownSeconds)
  }

  /// Makes tokens by the key of a server on this machine; nil: there is no such key. A token of one's own making is sent to
  /// nobody else: it would open this machine's server to whoever got it.
  func mint(for endpoint: Endpoint) async throws(Failure) -> TokenMint? {
    guard endpoint.isLoopback else { return nil }
    return try await OwnKey.read(in: data).map { TokenMint(key: $0) }
  }
}
