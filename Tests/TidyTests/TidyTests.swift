import Foundation
import Testing

/// The repository tests itself: what reviews would have to say again and again.
@Suite struct TidyTests {
  static let sources = Repository.swiftFiles(under: ["Sources", "Tests", "Benchmarks"])

  /// Machine text has its own rules.
  static let handWritten = sources.filter { !$0.path.contains("/Generated/") }

  @Test func thereAreFilesToLookAt() {
    #expect(Self.handWritten.count > 100)
  }

  @Test func filesStayReadable() {
    for file in Self.handWritten {
      #expect(file.lines.count <= 400, "\(file.path) has \(file.lines.count) lines")
    }
  }

  @Test func nothingIsLeftOver() {
    let leftovers = ["FIX" + "ME", "TO" + "DO", "XX" + "X", "fatalError(\"not"]
    for file in Self.handWritten {
      for (index, line) in file.lines.enumerated() {
        let found = leftovers.first { line.contains($0) }
        #expect(found == nil, "\(file.path):\(index + 1) has \(found ?? "")")
      }
    }
  }

  /// A folder that another helper makes is one that nobody removes.
  @Test func testsMakeTheirFoldersInOnePlace() {
    let ways = ["temporary" + "Directory", "NSTemporary" + "Directory", "make" + "Temporary"]
    for file in Self.handWritten
    where file.path.hasPrefix("Tests/") && !file.path.hasPrefix("Tests/TemporaryFolders/") {
      for (index, line) in file.lines.enumerated() {
        let found = ways.first { line.contains($0) }
        #expect(found == nil, "\(file.path):\(index + 1) has \(found ?? ""): TemporaryFolder")
      }
    }
  }

  @Test func nothingThrowsAwayErrors() {
    for file in Self.handWritten where file.path.hasPrefix("Sources/") {
      for (index, line) in file.lines.enumerated() {
        let code = line.split(separator: "//", maxSplits: 1, omittingEmptySubsequences: false)[0]
        #expect(!code.contains("try" + "!"), "\(file.path):\(index + 1) would crash")
        #expect(!code.contains("as" + "!"), "\(file.path):\(index + 1) would crash")
      }
    }
  }

  @Test(arguments: Room.all)
  func roomsSeeOnlyWhatTheyMay(_ room: Room) {
    let files = Self.sources.filter { $0.path.hasPrefix("Sources/\(room.name)/") }
    #expect(!files.isEmpty, "there is no room \(room.name)")
    for file in files {
      for module in file.imports where !room.mayImport.contains(module) {
        Issue.record("\(file.path) imports \(module)")
      }
    }
  }

  @Test func theCompilerChecksWhatCrossesThreads() {
    for file in Self.handWritten where file.path.hasPrefix("Sources/") {
      for (index, line) in file.lines.enumerated() {
        #expect(!line.contains("@unchecked" + " Sendable"), "\(file.path):\(index + 1)")
      }
    }
  }

  @Test func everyDecisionIsListed() throws {
    let index = try Repository.text("docs/adr/README.md")
    for name in try Repository.names(in: "docs/adr") where name != "README.md" {
      #expect(index.contains("(\(name))"), "docs/adr/README.md does not list \(name)")
    }
  }

  @Test func linksInTheDocumentationLeadSomewhere() throws {
    let pages =
      try ["README.md", "CHANGELOG.md", "SECURITY.md"]
      + Repository.names(in: "docs").filter { $0.hasSuffix(".md") }.map { "docs/\($0)" }
      + Repository.names(in: "docs/adr").map { "docs/adr/\($0)" }
    for page in pages {
      for link in try Repository.links(of: page) {
        #expect(Repository.exists(link, from: page), "\(page) links to \(link)")
      }
    }
  }
}
