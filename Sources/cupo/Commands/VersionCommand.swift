internal import ArgumentParser

struct VersionCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "version", abstract: "Print the version.")

  @Flag(help: "Answer in JSON.")
  var json = false

  func run() {
    let version = JSONValue.object([.init("version", .string(Version.text))])
    Terminal.write(json ? version.pretty : "cupo \(Version.text)")
  }
}
