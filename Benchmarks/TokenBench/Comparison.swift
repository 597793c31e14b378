import Capacity
import CapacityAPI
import CapacityEngine
import CupoSchema
import Foundation
import Identity
import Logging
import MemoryStorage
import RPC
import SQLiteStorage

/// What it costs to know who calls: Reserves with a token and without, in turns, so that whatever else the machine does falls
/// on both.
struct Comparison {
  let rounds: Int
  let count: Int
  let streams: Int

  func run() async throws {
    try await compare("in memory") { identity throws(StorageError) in
      try MemoryStorage(MemoryStore(identity: identity))
    }
    let folder = FileManager.default.temporaryDirectory.appending(path: "cupo-bench-\(getpid())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try await compare(
      "durable",
      { identity throws(StorageError) in
        let path = folder.appending(path: "\(UInt64.random(in: 0...UInt64.max)).db").path
        return try SQLiteStorage.open(path: path, newIdentity: identity)
      })
  }

  private typealias Open = @Sendable (StoreIdentity) throws(StorageError) -> any Storage

  private func compare(_ title: String, _ open: @escaping Open) async throws {
    let key = await SigningKey.generate()
    let authenticator = Authenticator(rules: TokenRules()) { Self.now().seconds }
    _ = await authenticator.use(Authenticator.Files(keys: [key.file]))
    // What an administrator does would be audited.
    let roles = RoleSet([.seller, .checkout])
    let claims = TokenClaims(
      issuer: "cupo", audiences: ["cupo"], subject: "bench", roles: roles, sellerIDs: ["bench"],
      expiry: Self.now().seconds + 3_600)
    let everybody = FixedIdentification(
      Principal(subject: "bench", roles: roles, sellerIDs: ["bench"]))
    let free = try await Side.start(everybody, token: nil, open)
    let locked = try await Side.start(
      TokenIdentification(authenticator), token: key.token(claims), open)
    var ratios: [Double] = []
    for round in 0..<rounds {
      // Who is first changes, too.
      let sides = round % 2 == 0 ? [free, locked] : [locked, free]
      var rates: [Double] = []
      for side in sides { rates.append(try await side.bench.rate(count: count, streams: streams)) }
      ratios.append(round % 2 == 0 ? rates[1] / rates[0] : rates[0] / rates[1])
    }
    ratios.sort()
    func percent(_ ratio: Double) -> String { "\((ratio * 1_000).rounded() / 10) %" }
    print(
      "\(title), \(rounds) rounds of \(count) reserves, \(streams) streams: with a token "
        + "\(percent(ratios[rounds / 2])) of the rate without (median; "
        + "\(percent(ratios[0])) to \(percent(ratios[rounds - 1]))), "
        + "\(authenticator.signatureChecks) signatures checked")
    await free.stop()
    await locked.stop()
  }

  /// A server of this process, and load for it.
  private struct Side {
    let engine: Engine
    let server: Server
    let bench: Reserves

    static func start(
      _ identification: any Identification, token: String?, _ open: @escaping Open
    ) async throws -> Side {
      let engine = try await Engine.start(
        logger: Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() }, clock: Comparison.now,
        zone: { $0 == "UTC" ? .utc : nil },
        open: { () throws(StorageError) in
          try open(StoreIdentity(namingKey: UInt64.random(in: 0...UInt64.max)))
        })
      let services = CapacityAPI.services(
        engine: engine, access: Access(identification), tzdataVersion: "bench",
        clock: Comparison.now,
        zone: { $0 == "UTC" ? .utc : nil })
      let server = try await Server.start(ServerConfiguration(), services)
      let client = try await Client.connect(host: server.address.host, port: server.address.port)
      let bench = Reserves(address: server.address, client: client, token: token)
      try await bench.prepare()
      _ = try await bench.rate(count: 2_000, streams: 16)
      return Side(engine: engine, server: server, bench: bench)
    }

    func stop() async {
      await bench.client.close()
      await server.drain(within: .seconds(1))
      await engine.stop()
    }
  }

  @Sendable fileprivate static func now() -> Instant {
    Instant(microseconds: Int64(Date.now.timeIntervalSince1970 * 1_000_000))
  }
}
