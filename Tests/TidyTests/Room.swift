import Testing

/// A target and the modules that its sources may import: the dependency rule, said once more than in the manifest, because
/// a manifest can be widened without anybody noticing.
struct Room: Sendable, CustomTestStringConvertible {
  let name: String
  let mayImport: Set<String>

  var testDescription: String { name }

  private init(_ name: String, _ modules: String...) {
    self.name = name
    mayImport = Set(modules)
  }

  static let all = [
    Room("Capacity"),
    Room("HashChain", "Capacity", "Crypto"),
    Room(
      "CapacityEngine", "Capacity", "HashChain", "Dispatch", "Foundation", "Logging",
      "Synchronization"),
    Room("MemoryStorage", "Capacity", "CapacityEngine", "Synchronization", "Glibc", "Darwin"),
    Room(
      "SQLiteStorage", "Capacity", "CapacityEngine", "GRDB", "GRDBSQLite", "Foundation", "Glibc",
      "Darwin", "Dispatch", "Synchronization"),
    Room(
      "PostgresStorage", "Capacity", "CapacityEngine", "CPostgres", "Foundation", "Glibc",
      "Darwin", "Synchronization"),
    Room("HTTP2", "CNghttp2"),
    Room("Gzip", "CZlib"),
    Room(
      "RPC", "HTTP2", "Gzip", "RPCSchema", "Protobuf", "NIOCore", "NIOPosix", "NIOSSL", "NIOTLS",
      "Logging",
      "Synchronization", "Glibc", "Darwin"),
    Room("Load", "HTTP2", "NIOCore", "NIOPosix", "Glibc", "Darwin"),
    Room("Protobuf", "CProtobufC", "WellKnownWire", "Glibc", "Darwin"),
    Room("CupoSchema", "Protobuf", "CProtobufC", "CupoWire", "WellKnownWire"),
    Room("RPCSchema", "Protobuf", "CProtobufC", "RPCWire", "WellKnownWire"),
    // No files and no clock of its own: what it judges by is handed to it.
    Room("Identity", "CupoSchema", "Protobuf", "JWTKit", "Synchronization", "Glibc", "Darwin"),
    Room(
      "CapacityAPI", "Capacity", "CapacityEngine", "CupoSchema", "Identity", "Protobuf", "RPC",
      "RPCSchema",
      "Synchronization"),
  ]
}
