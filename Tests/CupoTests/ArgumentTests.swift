import ArgumentParser
import CupoClient
import CupoSchema
import Protobuf
import Testing

@testable import cupo

@Suite struct ArgumentTests {
  @Test(arguments: [
    (["mug"], ["mug//1"]),
    (["mug", "x2"], ["mug//2"]),
    (
      ["boat@2026-12-24T10:30:00-05:00", "x4", "mug"],
      ["boat/2026-12-24T10:30:00-05:00/4", "mug//1"]
    ),
    (["xbox", "x1", "x-ray"], ["xbox//1", "x-ray//1"]),
    (["a", "a"], ["a//1", "a//1"]),
  ])
  func `lines are products, slots and counts`(words: [String], expected: [String]) throws {
    let lines = try LineArguments.parse(words)
    #expect(lines.map { "\($0.productID)/\($0.slot)/\($0.quantity)" } == expected)
  }

  @Test(arguments: [
    ["x2"], ["a", "x2", "x3"], ["a", "x0"], ["a", "x99999999999"], ["@s"], ["a@"],
  ])
  func `other words are no lines`(words: [String]) {
    #expect(throws: Expectation.self) { try LineArguments.parse(words) }
  }

  @Test func `reserve takes all its options`() throws {
    let command = try ReserveCommand.parse([
      "boat@2026-12-24", "x3", "--ttl", "1m30s", "--key", "k", "--buyer", "b", "--reference", "r",
    ])
    let request = try command.request()
    #expect(request.lines.first?.quantity == 3)
    #expect(request.ttl == ProtobufDuration(seconds: 90))
    #expect(request.idempotencyKey == "k")
    #expect(request.buyerID == "b")
    #expect(request.reference == "r")
  }

  @Test func `without a key each reserve has a new one`() throws {
    let command = try ReserveCommand.parse(["a"])
    #expect(try command.request().idempotencyKey != command.request().idempotencyKey)
    #expect(try command.request().ttl == nil)
  }

  @Test(arguments: [
    ["reserve"], ["reserve", "x2"], ["reserve", "a", "--ttl", "soon"], ["get"],
    ["get", "a", "--target", "nowhere"], ["consume", "a", "--line", "1"],
    ["release", "a", "b", "--line", "0=1"], ["serve", "--listen", "0.0.0.0:1"],
    ["serve", "--listen", "192.168.1.1:1"], ["serve", "--listen", "[::]:1"],
    ["serve", "--listen", "127.0.0.1"], ["serve", "--storage", "mysql:x"],
    ["serve", "--storage", "sqlite:"], ["serve", "--log-level", "loud"], ["apply"], ["nothing"],
  ])
  func `a wrong command line is a usage error`(words: [String]) throws {
    let error = #expect(throws: (any Error).self) { try CupoCommand.parseAsRoot(words) }
    #expect(CupoCommand.exitCode(for: try #require(error)) == .validationFailure)
  }

  @Test(arguments: [
    ["serve"], ["serve", "--listen", "127.0.0.1:0"], ["serve", "--listen", "[::1]:1"],
    ["serve", "--listen", "localhost:1"], ["serve", "--listen", "localhost:1", "--insecure"],
    ["serve", "--storage", "memory:", "--grace", "5s"], ["watch"], ["apply", "-f", "-"],
  ])
  func `these are right`(words: [String]) throws {
    _ = try CupoCommand.parseAsRoot(words)
  }

  @Test func `amounts name a line and a quantity`() throws {
    let command = try ConsumeCommand.parse(["r", "--line", "0=2", "--line", "3=1"])
    #expect(command.amounts.amounts.map(\.line) == [0, 3])
    #expect(command.amounts.amounts.map(\.quantity) == [2, 1])
    #expect(!command.amounts.requestIDToSend.isEmpty)
    #expect(try ConsumeCommand.parse(["r"]).amounts.requestIDToSend.isEmpty)
  }

  @Test func `a reservation is named by its id or its code`() {
    #expect(GetCommand.request("K7QF-93MX").name == .code("K7QF-93MX"))
    #expect(GetCommand.request("k7qf93mx").name == .code("k7qf93mx"))
    #expect(
      GetCommand.request("rsv_4evsgy3axwr4f").name == .reservationID("rsv_4evsgy3axwr4f"))
  }

  @Test func `the storage is in the data folder unless it is named`() {
    let endpoint = Endpoint(host: "127.0.0.1", port: 1)
    let plain = ServeSettings(listen: endpoint, storage: nil, data: "./d/")
    #expect(plain.storage.description == "sqlite:./d/cupo.db")
    let named = ServeSettings(listen: endpoint, storage: .memory, data: "d")
    #expect(named.storage.description == "memory:")
  }
}
