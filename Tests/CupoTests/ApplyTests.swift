import ArgumentParser
import CupoClient
import CupoSchema
import Foundation
import Logging
import TemporaryFolders
import Testing

@testable import cupo

/// What `cupo apply` tells of each entry, and folders of files.
@Suite struct ApplyTests {
  private let plain = Terminal(isInteractive: false, hasColor: false)
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func catalogue(units: Int, closure: String = "") throws -> CatalogueFile {
    try CatalogueFile.read(
      """
      resources:
      - {resource_id: r, seller_id: s, daily_capacity: {default_limit: \(units)}\(closure)}
      products: [{product_id: p, seller_id: s, draws: [r]}]
      """, name: "t.yaml")
  }

  private func withServer(_ body: (CupoClient) async throws -> Void) async throws {
    // Nothing is kept but the key that the server makes for itself.
    let settings = ServeSettings(
      listen: Endpoint(host: "127.0.0.1", port: 0), storage: .memory, data: folder.path)
    let running = try await RunningServer.start(
      settings, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    try await running.withOwnClient(body)
    await running.stop()
  }

  @Test func `each entry is created, changed or unchanged`() async throws {
    try await withServer { client in
      var told: [String] = []
      let applier = CatalogueApplier(client: client)
      for units in [5, 5, 6] {
        try await applier.apply(try catalogue(units: units)) { told.append($0.line) }
      }
      #expect(
        told == [
          "created resource r version 1", "created product p version 1",
          "unchanged resource r version 1", "unchanged product p version 1",
          "changed resource r version 2", "unchanged product p version 1",
        ])
    }
  }

  @Test func `a dry run shows what would be different, and changes nothing`() async throws {
    try await withServer { client in
      let dry = CatalogueApplier(client: client, validateOnly: true)
      var told: [String] = []
      // A new product of a new resource: there is nothing to ask the server about yet.
      try await dry.apply(try catalogue(units: 5)) { told += $0.lines(on: plain) }
      #expect(told.first == "+ resource r (new)" && told.contains("+ product p (new)"))
      #expect(told.contains("    + daily_capacity.default_limit.units: 5"))
      #expect(told.contains("    + draws[0].resource_id: r"))
      try await CatalogueApplier(client: client).apply(try catalogue(units: 5)) { _ in }
      var reserve = try ReserveCommand.parse(["p@2030-12-24", "x4"]).request()
      reserve.buyerID = "ana"
      _ = try await client.reserve(reserve)
      told = []
      let closure = ", closures: [{closure_id: c, dates: 2030-12-25, reason: vacation}]"
      try await dry.apply(try catalogue(units: 1, closure: closure)) {
        told += $0.lines(on: plain)
      }
      #expect(
        told == [
          "~ resource r, 1 reservations affected, 3 units overcommitted (2030-12-24)",
          "    ~ daily_capacity.default_limit.units: 5 → 1",
          "    + closures[0].closure_id: c", "    + closures[0].dates.from_date: 2030-12-25",
          "    + closures[0].dates.to_date: 2030-12-25",
          "    + closures[0].reason: REASON_VACATION", "= product p",
        ])
      var request = GetResourceRequest()
      request.resourceID = "r"
      #expect(try await client.getResource(request).resource?.version == 1)
    }
  }

  @Test func `what is gone is told, and a number of units that became none`() {
    let before = JSONValue.object([
      .init("a", .array([.string("x"), .string("y")])), .init("version", .number("3")),
      .init("limit", .object([.init("units", .number("4"))])), .init("b", .bool(true)),
    ])
    let after = JSONValue.object([
      .init("a", .array([.string("x")])), .init("version", .number("4")),
      .init("limit", .object([.init("units", .number("0"))])), .init("b", .bool(false)),
    ])
    let lines = CatalogueDifference.all(from: before, to: after).map(\.line)
    #expect(lines == ["~ limit.units: 4 → 0", "- a[1]: y", "- b: true"])
  }

  // MARK: Folders

  private func folder(_ files: [String: String]) throws -> String {
    for (name, text) in files { try folder.write(text, to: name) }
    return folder.path
  }

  @Test func `a folder is one catalogue, resources first`() throws {
    let path = try folder([
      "a.yaml": "products: [{product_id: p, seller_id: s, draws: [r]}]",
      "b.yml": "resources: [{resource_id: r, seller_id: s, stock: {total: 1}}]",
      "notes.txt": "resources: 5",
    ])
    let catalogue = try CatalogueSource.read(path)
    #expect(catalogue.entries.map(\.id) == ["r", "p"])
    #expect(catalogue.entries.map(\.file) == ["\(path)/b.yml", "\(path)/a.yaml"])
  }

  @Test func `everything that is wrong in a folder is told at once`() throws {
    let path = try folder(["a.yaml": "zzz: 1", "b.yaml": "\nyyy: 1"])
    let failure = #expect(throws: CatalogueFailure.self) { try CatalogueSource.read(path) }
    let lines = failure?.text.split(separator: "\n") ?? []
    #expect(lines.count == 2)
    #expect(lines.first?.hasPrefix("\(path)/a.yaml:1: ") == true)
    #expect(lines.last?.hasPrefix("\(path)/b.yaml:2: ") == true)
  }

  @Test func `an entry in two files is told with both`() throws {
    let text = "resources: [{resource_id: r, seller_id: s, stock: {total: 1}}]"
    let path = try folder(["a.yaml": text, "b.yaml": "\n" + text])
    let failure = #expect(throws: CatalogueFailure.self) { try CatalogueSource.read(path) }
    #expect(failure?.text == "\(path)/b.yaml:2: resource `r` is in \(path)/a.yaml:1 already")
  }

  @Test func `a folder without a catalogue, and no file at all`() throws {
    let path = try folder(["notes.txt": ""])
    #expect(throws: Failure.self) { try CatalogueSource.read(path) }
    #expect(throws: Failure.self) { try CatalogueSource.read(path + "/nothing.yaml") }
  }
}
