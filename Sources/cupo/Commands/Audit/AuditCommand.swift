internal import ArgumentParser

struct AuditCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "audit",
    abstract: "Read the audit log, check that nobody has changed it, or take it elsewhere.",
    discussion: """
      These commands open the store itself, also while a server has it, and change nothing. To read it from a server as SUPPORT, \
      FINANCE or ADMIN there is AuditService.
      """,
    subcommands: [
      AuditListCommand.self, AuditVerifyCommand.self, AuditExportCommand.self,
    ])
}
