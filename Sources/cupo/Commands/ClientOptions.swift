internal import ArgumentParser
internal import CupoClient
internal import Protobuf
internal import RPC

/// What every command that calls a server takes.
struct ClientOptions: ParsableArguments {
  @Option(help: "The server, HOST:PORT or unix:PATH; also by the environment variable CUPO_TARGET.")
  var target = Environment["CUPO_TARGET"] ?? "127.0.0.1:50051"

  @OptionGroup(title: "TLS")
  var tls: TLSOptions

  @OptionGroup(title: "Identity")
  var identity: OwnKeyOptions

  @Flag(help: "Answer in JSON, with the field names of the proto files; errors too.")
  var json = false

  @Option(help: "The language of texts for people: en or es.")
  var lang = "en"

  func validate() throws {
    guard Endpoint(target) != nil else {
      throw ValidationError("'\(target)' is no address: --target takes HOST:PORT or unix:PATH.")
    }
  }

  /// Connects, does `work`, and turns what went wrong into a message and an exit code.
  func session(
    _ work: (CupoClient) async throws -> Void
  ) async throws {
    try await Reporting.run(json: json) {
      let client = try await connect()
      do {
        try await work(client)
      } catch let error as CupoError {
        await client.close()
        throw Failure(error, language: lang)
      } catch {
        await client.close()
        throw error
      }
      await client.close()
    }
  }

  /// Prints `answer`: as JSON where that is asked for, else as these lines.
  func show(_ answer: some Message, _ lines: @autoclosure () -> [String]) {
    for line in json ? [MessageJSON.value(answer).pretty] : lines() { Terminal.write(line) }
  }

  private func connect() async throws(Failure) -> CupoClient {
    guard let endpoint = Endpoint(target) else { throw Failure(.usage, "no address: \(target)") }
    let metadata = try await identity.metadata(to: endpoint)
    var configuration = CupoClient.Configuration()
    configuration.language = lang
    configuration.tls = tls.configuration
    configuration.metadata = { metadata }
    do throws(CupoError) {
      return try await CupoClient.connect(to: endpoint, configuration: configuration)
    } catch {
      throw .cannotConnect(endpoint, error)
    }
  }
}
