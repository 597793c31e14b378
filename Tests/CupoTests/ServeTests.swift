import ArgumentParser
import Capacity
import CupoClient
import CupoSchema
import Logging
import Testing

@testable import cupo

@Suite struct ServeTests {
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
    let settings = ServeSettings(
      listen: Endpoint(host: "127.0.0.1", port: 0), storage: .memory, data: "unused")
    let running = try await RunningServer.start(settings, logger: silent)
    let client = try await CupoClient.connect(to: running.ownAddress)
    let file = try CatalogueFile.read(
      """
      resources: [{resource_id: r, seller_id: s, stock: {total: 1}}]
      products: [{product_id: p, seller_id: s, draws: [r]}]
      """, name: "t")
    try await CatalogueApplier(client: client).apply(file) { _ in }

    let request = try ReserveCommand.parse(["p"]).request()
    let held = try await client.reserve(request)
    #expect(held.reservation?.state == .held)
    #expect(try await client.reserve(request).replayed)
    await #expect(throws: CupoError.self) {
      try await client.reserve(try ReserveCommand.parse(["p"]).request())
    }
    await client.close()
    await running.stop()
  }

  @Test func `an entry that the server refuses is named with its line`() async throws {
    let settings = ServeSettings(
      listen: Endpoint(host: "127.0.0.1", port: 0), storage: .memory, data: "unused")
    let running = try await RunningServer.start(settings, logger: silent)
    let client = try await CupoClient.connect(to: running.ownAddress)
    let file = try CatalogueFile.read(
      "products:\n- {product_id: p, seller_id: s, draws: [nothing]}", name: "t.yaml")
    do throws(Failure) {
      try await CatalogueApplier(client: client).apply(file) { _ in }
      Issue.record("a product without its resource was taken")
    } catch {
      #expect(error.status == .notFound)
      #expect(error.text.hasPrefix("t.yaml:2: product `p`: "))
    }
    await client.close()
    await running.stop()
  }

  @Test func `a taken port is said in a sentence`() async throws {
    let first = try await RunningServer.start(
      ServeSettings(
        listen: Endpoint(host: "127.0.0.1", port: 0), storage: .memory, data: "unused"),
      logger: silent)
    do throws(Failure) {
      _ = try await RunningServer.start(
        ServeSettings(listen: first.address, storage: .memory, data: "unused"), logger: silent)
      Issue.record("two servers on one port")
    } catch {
      #expect(error.status == .unavailable)
      #expect(error.text == "cannot listen on \(first.address): another process listens there")
    }
    await first.stop()
  }

  private var silent: Logger { Logger(label: "test") { _ in SwiftLogNoOpLogHandler() } }
}
