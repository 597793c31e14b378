import ArgumentParser
import Capacity
import CupoClient
import CupoSchema
import Identity
import Logging
import TemporaryFolders
import Testing

@testable import cupo

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

@Suite struct ServeTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test func `zones come from the system, each read once`() throws {
    let zones = try ZoneDirectory()
    #expect(zones.zone("America/Bogota")?.offset(atSecond: 0) == -18_000)
    #expect(zones.zone("America/Bogota")?.name == "America/Bogota")
    #expect(zones.zone("Nowhere/Atlantis") == nil)
    #expect(zones.version.first == "2")
  }

  @Test(arguments: [
    "", "/etc/passwd", "../zoneinfo/UTC", "America/../UTC", "America//Bogota", "America/", ".",
    "right/UTC", "posix/UTC", "localtime", "UTC\u{0}", "Amérique", "tzdata.zi",
    String(repeating: "a", count: 65),
  ])
  func `no name leads out of the folder`(name: String) throws {
    #expect(!ZoneDirectory.isName(name))
    #expect(try ZoneDirectory().zone(name) == nil)
  }

  @Test func `without zones the sentence says what to install`() {
    do throws(Failure) {
      _ = try ZoneDirectory(path: "/nowhere")
      Issue.record("there are no zones in /nowhere")
    } catch {
      #expect(error.text.contains("install tzdata"))
    }
  }

  @Test func `a server in memory takes a catalogue and sells from it`() async throws {
    let running = try await RunningServer.start(inMemory, logger: silent)
    try await running.withOwnClient { client in
      let file = try CatalogueFile.read(
        """
        resources: [{resource_id: r, seller_id: s, stock: {total: 1}}]
        products: [{product_id: p, seller_id: s, draws: [r]}]
        """, name: "t")
      try await CatalogueApplier(client: client).apply(file) { _ in }
    }
    // As a command does it, by the key that the server has made.
    let options = try OwnKeyOptions.parse(["--data", folder.path])
    var configuration = CupoClient.Configuration()
    let metadata = try await options.metadata(to: running.ownAddress)
    configuration.metadata = { metadata }
    let client = try await CupoClient.connect(
      to: running.ownAddress, configuration: configuration)
    let request = try ReserveCommand.parse(["p"]).request()
    let held = try await client.reserve(request)
    #expect(held.reservation?.state == .held)
    #expect(held.reservation?.buyerID == "admin")
    #expect(try await client.reserve(request).replayed)
    await #expect(throws: CupoError.self) {
      try await client.reserve(try ReserveCommand.parse(["p"]).request())
    }
    await client.close()
    await running.stop()
  }

  @Test func `without a token nobody is anybody`() async throws {
    let running = try await RunningServer.start(inMemory, logger: silent)
    let client = try await CupoClient.connect(to: running.ownAddress)
    do throws(CupoError) {
      _ = try await client.reserve(ReserveRequest())
      Issue.record("a call without a token was let in")
    } catch {
      #expect(error.reason == .tokenMissing)
      #expect(ExitStatus(error) == .notAllowed)
    }
    await client.close()
    await running.stop()
  }

  @Test func `the first start makes a key that nobody else may read`() async throws {
    let data = "\(folder.path)/data"
    let (first, isNew) = try await OwnKey.readOrMake(in: data)
    #expect(isNew)
    #expect(PrivateFile.isPrivate(OwnKey.path(in: data)))
    let (again, isNewAgain) = try await OwnKey.readOrMake(in: data)
    #expect(!isNewAgain)
    #expect(again.pem == first.pem)
    #expect(unsafe chmod(OwnKey.path(in: data), 0o640) == 0)
    await #expect(throws: Failure.self) { _ = try await OwnKey.readOrMake(in: data) }
  }

  @Test(arguments: [
    (["--listen", "0.0.0.0:1"], "for all to read"),
    (["--listen", "0.0.0.0:1", "--insecure"], "own key is for this machine only"),
    (
      ["--listen", "0.0.0.0:1", "--tls-certificate", "c", "--tls-key", "k"],
      "own key is for this machine only"
    ),
    (["--token-keys", "k"], "come together"),
    (["--token-issuer", "i"], "come together"),
    (["--token-leeway", "6m"], "between 0s and 5m"),
    (["--tls-principals", "p"], "needs --tls-client-ca"),
  ])
  func `no start that would let others in`(_ arguments: [String], _ words: String) {
    do {
      _ = try ServeCommand.parse(arguments)
      Issue.record("\(arguments) were taken")
    } catch {
      #expect(ServeCommand.fullMessage(for: error).contains(words))
    }
  }

  @Test(arguments: [
    ["--listen", "127.0.0.1:1"], ["--listen", "unix:/tmp/x"],
    ["--listen", "0.0.0.0:1", "--insecure", "--token-keys", "k", "--token-issuer", "i"],
    [
      "--listen", "0.0.0.0:1", "--tls-certificate", "c", "--tls-key", "k", "--tls-client-ca", "a",
      "--tls-principals", "p",
    ],
  ])
  func `starts that are safe`(_ arguments: [String]) throws {
    _ = try ServeCommand.parse(arguments)
  }

  @Test func `a token of one's own making goes to nobody else`() async throws {
    _ = try await OwnKey.readOrMake(in: folder.path)
    let options = try OwnKeyOptions.parse(["--data", folder.path])
    #expect(try await options.mint(for: Endpoint(host: "127.0.0.1", port: 1)) != nil)
    #expect(try await options.mint(for: Endpoint(host: "cupo.example", port: 1)) == nil)
  }

  @Test func `an entry that the server refuses is named with its line`() async throws {
    let running = try await RunningServer.start(inMemory, logger: silent)
    let file = try CatalogueFile.read(
      "products:\n- {product_id: p, seller_id: s, draws: [nothing]}", name: "t.yaml")
    try await running.withOwnClient { client in
      do throws(Failure) {
        try await CatalogueApplier(client: client).apply(file) { _ in }
        Issue.record("a product without its resource was taken")
      } catch {
        #expect(error.status == .notFound)
        #expect(error.text.hasPrefix("t.yaml:2: product `p`: "))
      }
    }
    await running.stop()
  }

  @Test func `a taken port is said in a sentence`() async throws {
    let first = try await RunningServer.start(inMemory, logger: silent)
    do throws(Failure) {
      var settings = inMemory
      settings.listen = first.address
      _ = try await RunningServer.start(settings, logger: silent)
      Issue.record("two servers on one port")
    } catch {
      #expect(error.status == .unavailable)
      #expect(error.text == "cannot listen on \(first.address): another process listens there")
    }
    await first.stop()
  }

  private var inMemory: ServeSettings {
    ServeSettings(
      listen: Endpoint(host: "127.0.0.1", port: 0), storage: .memory, data: folder.path)
  }

  private var silent: Logger { Logger(label: "test") { _ in SwiftLogNoOpLogHandler() } }
}
