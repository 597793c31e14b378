internal import ArgumentParser

/// Ends commands: what went wrong goes to standard error, and the exit code says which sort it was.
enum Reporting {
  static func run(json: Bool = false, _ work: () async throws -> Void) async throws {
    do {
      try await work()
    } catch let failure as Failure {
      Terminal.complain(json ? failure.json.pretty : "error: \(failure.text)")
      throw ExitCode(failure.status.rawValue)
    } catch let failure as CatalogueFailure {
      Terminal.complain(failure.text)
      throw ExitCode(ExitStatus.usage.rawValue)
    }
  }
}
