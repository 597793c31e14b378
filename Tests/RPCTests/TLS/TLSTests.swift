import Foundation
import NIOCore
import NIOPosix
import Testing

@testable import RPC

@Suite("TLS", .timeLimit(.minutes(5)))
struct TLSTests {
  /// Runs `body` with an authority, a server certificate and a server that uses it.
  private func withServer(
    clientCA: String? = nil, pollInterval: Duration = .seconds(10),
    handshakeTimeout: Duration = .seconds(10),
    _ body: (TestCertificates, NotesServer) async throws -> Void
  ) async throws {
    let certificates = try TestCertificates()
    defer { certificates.remove() }
    try certificates.issue("server", "DNS:localhost,IP:127.0.0.1")
    var tls = certificates.server("server", clientCA: clientCA)
    (tls.pollInterval, tls.handshakeTimeout) = (pollInterval, handshakeTimeout)
    var configuration = ServerConfiguration()
    configuration.tls = tls
    let notes = try await NotesServer(configuration)
    do {
      try await body(certificates, notes)
    } catch {
      Issue.record(error)
    }
    await notes.server.drain(within: .seconds(1))
  }

  private func echo(
    _ notes: NotesServer, _ tls: ClientTLS?, host: String = "127.0.0.1"
  ) async throws(RPCError) {
    var configuration = ClientConfiguration()
    configuration.tls = tls
    let client = try await Client.connect(
      host: host, port: notes.server.address.port, configuration: configuration)
    do throws(RPCError) {
      let answer = try await client.unary(Notes.echo, Note("1"))
      #expect(answer == Note("1"))
    } catch {
      await client.close()
      throw error
    }
    await client.close()
  }

  @Test func callsPass() async throws {
    try await withServer { certificates, notes in
      try await echo(notes, certificates.client())
      try await echo(notes, certificates.client(), host: "localhost")
    }
  }

  @Test func largeAnswersPass() async throws {
    try await withServer { certificates, notes in
      var configuration = ClientConfiguration()
      configuration.tls = certificates.client()
      let client = try await Client.connect(
        host: "localhost", port: notes.server.address.port, configuration: configuration)
      var count = 0
      for try await _ in try await client.serverStreaming(Notes.count, Note("2000")) { count += 1 }
      #expect(count == 2_000)
      await client.close()
    }
  }

  @Test func strangersAreNotTrusted() async throws {
    try await withServer { certificates, notes in
      let error = await #expect(throws: RPCError.self) {
        try await echo(notes, certificates.client(ca: "other"))
      }
      #expect(error?.message.contains("not from an authority that is trusted") == true)
    }
  }

  @Test func otherNamesAreNotTrusted() async throws {
    try await withServer { certificates, notes in
      try certificates.issue("server", "DNS:localhost")
      notes.server.reloadCertificates()
      try await echo(notes, certificates.client(), host: "localhost")
      for name in ["elsewhere.example", nil] {
        var tls = certificates.client()
        tls.serverName = name
        let error = await #expect(throws: RPCError.self) { try await echo(notes, tls) }
        #expect(error?.message.contains("for another name") == true, "\(error as Any)")
      }
    }
  }

  @Test func plainTextToTLS() async throws {
    try await withServer { certificates, notes in
      let error = await #expect(throws: RPCError.self) { try await echo(notes, nil) }
      #expect(error?.code == .unavailable)
      #expect(error?.message.contains("the server takes TLS only") == true, "\(error as Any)")
    }
  }

  @Test func firstBytesTell() {
    func fault(_ bytes: [UInt8]) -> String? { FirstBytes.faultOfServer(bytes.span) }
    #expect(fault([21, 3, 3, 0, 2, 2, 70]) == "the server takes TLS only")
    #expect(fault(FirstBytes.refusal) == "the server takes TLS only")
    #expect(fault(Array("HTTP/1.1 200 OK\r\n\r\n".utf8))?.contains("HTTP/1") == true)
    #expect(fault([0, 0, 0, 4, 0, 0, 0, 0, 0]) == nil)
    #expect(fault([]) == nil)
  }

  @Test func tlsToPlainText() async throws {
    let certificates = try TestCertificates()
    defer { certificates.remove() }
    let notes = try await NotesServer()
    let error = await #expect(throws: RPCError.self) {
      try await echo(notes, certificates.client())
    }
    #expect(error?.message.contains("the other side does not speak TLS") == true, "\(error as Any)")
    await notes.server.drain(within: .seconds(1))
  }

  @Test func callersWithoutCertificateAreRefused() async throws {
    try await withServer(clientCA: "ca") { certificates, notes in
      let error = await #expect(throws: RPCError.self) {
        try await echo(notes, certificates.client())
      }
      #expect(error?.code == .unavailable)
      // The reset of the connection may overtake the reason.
      let reasons = ["the server asks for a client certificate", "the connection was lost"]
      #expect(reasons.contains(error?.message ?? ""), "\(error as Any)")
      try certificates.issue("stranger", "DNS:shop", by: "other")
      await #expect(throws: RPCError.self) {
        try await echo(notes, certificates.client(as: "stranger"))
      }
      try certificates.issue("shop", "DNS:shop")
      // More than once: a session that is resumed has its certificate all the same.
      for _ in 0..<3 { try await echo(notes, certificates.client(as: "shop")) }
    }
  }

  @Test func handlersSeeWhoCalls() async throws {
    let certificates = try TestCertificates()
    defer { certificates.remove() }
    try certificates.issue("server", "IP:127.0.0.1")
    try certificates.issue(
      "shop",
      "DNS:shop.example,URI:spiffe://cupo.test/shop,email:a@b.example,IP:10.0.0.1,IP:fd00::1")
    var configuration = ServerConfiguration()
    configuration.tls = certificates.server("server", clientCA: "ca")
    let (seen, sight) = AsyncStream<PeerIdentity?>.makeStream()
    var table = ServiceTable()
    table.unary(Notes.echo) { (note, context) async throws(RPCError) -> Note in
      sight.yield(context.identity)
      return note
    }
    let server = try await Server.start(configuration, table)
    var client = ClientConfiguration()
    client.tls = certificates.client(as: "shop")
    let connection = try await Client.connect(
      host: "127.0.0.1", port: server.address.port, configuration: client)
    _ = try await connection.unary(Notes.echo, Note("1"))
    let identity = await seen.first { _ in true } ?? nil
    #expect(
      identity
        == PeerIdentity(
          dnsNames: ["shop.example"], uris: ["spiffe://cupo.test/shop"], emails: ["a@b.example"],
          ipAddresses: ["10.0.0.1", "fd00:0:0:0:0:0:0:1"]))
    #expect(identity?.spiffeID == "spiffe://cupo.test/shop")
    await connection.close()
    await server.drain(within: .seconds(1))
  }

  @Test func aSPIFFEIDStandsAlone() {
    #expect(PeerIdentity(uris: ["spiffe://a/b", "https://c"]).spiffeID == nil)
    #expect(PeerIdentity(uris: ["https://c"]).spiffeID == nil)
    #expect(PeerIdentity().spiffeID == nil)
  }

  @Test func newCertificatesNeedNoRestart() async throws {
    try await withServer { certificates, notes in
      #expect(!notes.server.reloadCertificates())
      try await echo(notes, certificates.client())
      // From another authority, so that the client can tell.
      try certificates.issue("server", "DNS:localhost,IP:127.0.0.1", by: "other")
      #expect(notes.server.reloadCertificates())
      try await echo(notes, certificates.client(ca: "other"))
      await #expect(throws: RPCError.self) { try await echo(notes, certificates.client()) }
    }
  }

  @Test func aChangeIsNoticed() async throws {
    try await withServer(pollInterval: .milliseconds(10)) { certificates, notes in
      try certificates.issue("server", "DNS:localhost,IP:127.0.0.1", by: "other")
      while (try? await echo(notes, certificates.client(ca: "other"))) == nil {
        try await Task.sleep(for: .milliseconds(10))
      }
    }
  }

  @Test(arguments: ["server.pem", "server.key"])
  func aBrokenPairChangesNothing(file: String) async throws {
    try await withServer { certificates, notes in
      let path = certificates.path(file)
      let good = try Data(contentsOf: URL(filePath: path))
      try certificates.issue("new", "IP:127.0.0.1")
      let other = try Data(contentsOf: URL(filePath: certificates.path("new.\(path.suffix(3))")))
      for bad in [Data("nothing".utf8), other, Data()] {
        try bad.write(to: URL(filePath: path))
        #expect(!notes.server.reloadCertificates())
        try await echo(notes, certificates.client())
      }
      try FileManager.default.removeItem(atPath: path)
      #expect(!notes.server.reloadCertificates())
      try await echo(notes, certificates.client())
      try good.write(to: URL(filePath: path))
      notes.server.reloadCertificates()
      try await echo(notes, certificates.client())
    }
  }

  @Test func filesThatMakeNoTLSAreNamed() async throws {
    let certificates = try TestCertificates()
    defer { certificates.remove() }
    try certificates.issue("server", "IP:127.0.0.1")
    var configuration = ServerConfiguration()
    for (certificate, key, word) in [
      ("missing.pem", "server.key", "cannot read"), ("server.key", "server.key", "no certificate"),
      ("server.pem", "server.pem", "no private key"), ("server.pem", "ca.key", "not that of"),
    ] {
      configuration.tls = ServerTLS(
        certificatePath: certificates.path(certificate), keyPath: certificates.path(key))
      let error = await #expect(throws: TLSFailure.self) {
        _ = try await Server.start(configuration, ServiceTable())
      }
      #expect(error?.description.contains(word) == true, "\(error as Any)")
    }
  }

  @Test func handshakesEnd() async throws {
    try await withServer(handshakeTimeout: .seconds(1)) { certificates, notes in
      let silent = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        .connect(host: "127.0.0.1", port: notes.server.address.port).get()
      // The time limit is the limit.
      try await silent.closeFuture.get()
      try await echo(notes, certificates.client())
    }
  }

  @Test func aDrainDoesNotWaitForHandshakes() async throws {
    let certificates = try TestCertificates()
    defer { certificates.remove() }
    try certificates.issue("server", "IP:127.0.0.1")
    var configuration = ServerConfiguration()
    configuration.tls = certificates.server("server")
    let notes = try await NotesServer(configuration)
    let silent = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .connect(host: "127.0.0.1", port: notes.server.address.port).get()
    while notes.server.connectionCount == 0 { try await Task.sleep(for: .milliseconds(2)) }
    let start = ContinuousClock.now
    await notes.server.drain(within: .seconds(50))
    #expect(ContinuousClock.now - start < .seconds(20))
    try await silent.closeFuture.get()
  }
}
