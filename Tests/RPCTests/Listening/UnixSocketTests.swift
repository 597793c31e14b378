import Foundation
import RPC
import TemporaryFolders
import Testing

@Suite("Unix domain sockets", .timeLimit(.minutes(5)))
struct UnixSocketTests {
  private let folder: String
  private let owner: TemporaryFolder

  init() throws {
    owner = try TemporaryFolder()
    folder = owner.path
  }

  private func configuration(_ path: String) -> ServerConfiguration {
    var configuration = ServerConfiguration()
    configuration.socketPath = path
    return configuration
  }

  private func mode(_ path: String) throws -> Int? {
    try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
  }

  @Test func callsPass() async throws {
    let path = "\(folder)/s"
    let notes = try await NotesServer(configuration(path))
    #expect(try mode(path) == 0o600)
    for host in ["unix:\(path)", "unix://\(path)"] {
      let client = try await Client.connect(host: host, port: 0)
      #expect(try await client.unary(Notes.echo, Note("1")) == Note("1"))
      await client.close()
    }
    await notes.server.drain(within: .seconds(1))
    #expect(!FileManager.default.fileExists(atPath: path))
  }

  @Test func othersCanBeLetIn() async throws {
    var configuration = configuration("\(folder)/s")
    configuration.socketMode = 0o660
    let notes = try await NotesServer(configuration)
    #expect(try mode("\(folder)/s") == 0o660)
    await notes.server.drain(within: .seconds(1))
  }

  @Test func aSocketInUseIsRefused() async throws {
    let notes = try await NotesServer(configuration("\(folder)/s"))
    let error = await #expect(throws: (any Error).self) {
      _ = try await NotesServer(configuration("\(folder)/s"))
    }
    #expect("\(error as Any)".contains("another process listens there"))
    let client = try await Client.connect(host: "unix:\(folder)/s", port: 0)
    #expect(try await client.unary(Notes.echo, Note("1")) == Note("1"))
    await client.close()
    await notes.server.drain(within: .seconds(1))
  }

  @Test func aStaleSocketIsReplaced() async throws {
    // A socket that was bound and closed, as a crash leaves it.
    let first = try await NotesServer(configuration("\(folder)/first"))
    try FileManager.default.moveItem(atPath: "\(folder)/first", toPath: "\(folder)/s")
    await first.server.drain(within: .seconds(1))
    #expect(FileManager.default.fileExists(atPath: "\(folder)/s"))
    let second = try await NotesServer(configuration("\(folder)/s"))
    let client = try await Client.connect(host: "unix:\(folder)/s", port: 0)
    #expect(try await client.unary(Notes.echo, Note("2")) == Note("2"))
    await client.close()
    await second.server.drain(within: .seconds(1))
  }

  @Test func otherFilesAreLeftAlone() async throws {
    try Data("mine".utf8).write(to: URL(filePath: "\(folder)/s"))
    let error = await #expect(throws: (any Error).self) {
      _ = try await NotesServer(configuration("\(folder)/s"))
    }
    #expect("\(error as Any)".contains("no socket"))
    #expect(try String(contentsOfFile: "\(folder)/s", encoding: .utf8) == "mine")
  }

  @Test func pathsHaveALimit() async throws {
    let path = "/tmp/" + String(repeating: "x", count: 120)
    let error = await #expect(throws: (any Error).self) {
      _ = try await NotesServer(configuration(path))
    }
    #expect("\(error as Any)".contains("too long"))
  }

  @Test func nobodyListens() async throws {
    let error = await #expect(throws: RPCError.self) {
      _ = try await Client.connect(host: "unix:/nowhere/s", port: 0)
    }
    #expect(error?.code == .unavailable)
    #expect(error?.message.contains("unix:/nowhere/s") == true)
  }
}
