// The executable: `cupo serve` puts the rooms together into a server, the other commands are clients of one.
//
// It is not for rules or for the wire: what a command prints is what a server answered.
//
// Before changing it, know this: scripts read the standard output, the exit codes and the ready line. docs/cli.md promises
// all three.

internal import ArgumentParser

@main
struct CupoCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cupo",
    abstract: "Sells what there is, and the last one only once.",
    discussion: """
      Exit codes:
      \(ExitStatus.allCases.map { "  \($0.rawValue)  \($0.meaning)" }.joined(separator: "\n"))
      """,
    version: Version.text,
    subcommands: [
      ServeCommand.self, ApplyCommand.self, ReserveCommand.self, ConsumeCommand.self,
      ReleaseCommand.self, ExtendCommand.self, CancelCommand.self, GetCommand.self,
      AvailabilityCommand.self, CalendarCommand.self, ExplainCommand.self, WatchCommand.self,
      EventsCommand.self, ListCommand.self, PauseCommand.self, StockCommand.self,
      BenchCommand.self, ContractCommand.self, TokenCommand.self, VerifyCommand.self,
      RepairCommand.self, AuditCommand.self, BackupCommand.self, RestoreCommand.self,
      MigrateCommand.self, ExportCommand.self, ImportCommand.self, VersionCommand.self,
    ])

  /// Parses and runs; a wrong command line ends with 2, not with the 64 of sysexits.
  static func main() async {
    do {
      var command = try parseAsRoot()
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
    } catch {
      exit(for: error)
    }
  }

  private static func exit(for error: any Error) -> Never {
    guard exitCode(for: error) == .validationFailure else { exit(withError: error) }
    Terminal.complain(fullMessage(for: error))
    exit(withError: ExitCode(ExitStatus.usage.rawValue))
  }
}
