internal import ArgumentParser
internal import CupoClient
internal import CupoContract
internal import Foundation
internal import RPC

/// `cupo contract`: runs the contract suite against a server.
///
/// Exits with 0 if all passed, 1 if not, and as every command does if there is nobody to ask.
struct ContractCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "contract",
    abstract: "Check that a server keeps Cupo's contract.",
    discussion: """
      Every RPC and field rule is tried over the network. The suite makes a seller, resources and \
      products of its own, with ids that no other run uses, so that it can run against any server, \
      again and again; what it has made stays there. RPCs that the server does not implement are \
      named and not checked.
      """)

  @Option(help: "The server, HOST:PORT or unix:PATH; also by the environment variable CUPO_TARGET.")
  var target = Environment["CUPO_TARGET"] ?? "127.0.0.1:50051"

  @OptionGroup(title: "TLS")
  var tls: TLSOptions

  @OptionGroup(title: "Identity")
  var identity: OwnKeyOptions

  @Option(help: "Write a JUnit XML report to this file.")
  var junit: String?

  @Option(help: "Run only checks whose RPC and name contain this text.")
  var filter = ""

  @Flag(help: "The server limits how often a buyer may call: check that, too.")
  var rateLimits = false

  @Option(name: .customLong("metadata"), help: "Send NAME=VALUE with every call.")
  var metadata: [String] = []

  @Flag(name: .shortAndLong, help: "Name what passed, too.")
  var verbose = false

  func validate() throws {
    guard ContractTarget(target) != nil else {
      throw ValidationError(
        "--target must be HOST:PORT or unix:PATH, as in 127.0.0.1:50051, not \"\(target)\".")
    }
    guard metadata.allSatisfy({ $0.contains("=") && $0.first != "=" }) else {
      throw ValidationError("--metadata must be NAME=VALUE.")
    }
  }

  func run() async throws {
    let report = try await check()
    Terminal.draw(report.text(verbose: verbose))
    if let junit { try write(report.junit, to: junit) }
    if !report.passed { throw ExitCode(report.exitCode) }
  }

  private func check() async throws -> ContractReport {
    guard var server = ContractTarget(target) else { throw ExitCode.validationFailure }
    server.tls = tls.configuration
    server.hasRateLimits = rateLimits
    for pair in metadata {
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      server.metadata.append(String(parts[0]), String(parts[1]))
    }
    try await authorize(&server)
    do throws(RPCError) {
      return try await ContractSuite.run(server, filter: filter)
    } catch {
      Terminal.complain("No server answers at \(target): \(error.message)")
      throw ExitCode(ExitStatus.unavailable.rawValue)
    }
  }

  private func authorize(_ server: inout ContractTarget) async throws {
    guard let endpoint = Endpoint(target) else { throw ExitCode.validationFailure }
    try await Reporting.run {
      for (name, value) in try await identity.metadata(to: endpoint).fields {
        server.metadata.append(name, value)
      }
      guard let mint = try await identity.mint(for: endpoint) else { return }
      server.tokens = mint.contractTokens
    }
  }

  private func write(_ text: String, to path: String) throws {
    do {
      try text.write(toFile: path, atomically: true, encoding: .utf8)
    } catch {
      Terminal.complain("The report cannot be written to \(path): \(error.localizedDescription)")
      throw ExitCode(ExitStatus.usage.rawValue)
    }
  }
}
