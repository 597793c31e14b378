// swift-tools-version: 6.2
import PackageDescription

// Dependencies point one way, and this file enforces it: a target sees what it lists and nothing else.
// docs/architecture.md says what each room is for.

// A release is one file that needs no Swift where it runs. The libraries are those behind Foundation, which autolinking names only
// where everything is compiled for it. Nobody looks symbols up in it, and packed relocations are as many pages less to read at a start:
// together a sixth of what an idle server has in memory.
let runtimeInside: [LinkerSetting] = [
  .unsafeFlags(
    [
      "-static-stdlib", "-lCoreFoundation", "-l_FoundationICU", "-l_FoundationCShims",
      "-l_FoundationCollections", "-use-ld=lld",
      "-Xlinker", "-z", "-Xlinker", "pack-relative-relocs", "-Xlinker", "--no-export-dynamic",
    ], .when(platforms: [.linux], configuration: .release))
]

let package = Package(
  name: "cupo",
  platforms: [.macOS(.v15)],
  products: [
    .executable(name: "cupo", targets: ["cupo"]),
    .executable(name: "protoc-gen-cupo", targets: ["protoc-gen-cupo"]),
    .library(name: "CupoClient", targets: ["CupoClient"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    .package(url: "https://github.com/vapor/jwt-kit", from: "5.7.1"),
    .package(url: "https://github.com/apple/swift-crypto.git", from: "4.5.2"),
  ],
  targets: [
    // C: system libraries and what protoc-c generated.
    .systemLibrary(
      name: "CNghttp2", pkgConfig: "libnghttp2", providers: [.apt(["libnghttp2-dev"])]),
    .systemLibrary(
      name: "CProtobufC", pkgConfig: "libprotobuf-c", providers: [.apt(["libprotobuf-c-dev"])]),
    // Loads libpq when somebody asks for it; see its header.
    .target(name: "CPostgres"),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(
      name: "CJemalloc", pkgConfig: "jemalloc", providers: [.apt(["libjemalloc-dev"])]),
    .target(name: "WellKnownWire", dependencies: ["CProtobufC"]),
    .target(name: "RPCWire", dependencies: ["CProtobufC", "WellKnownWire"]),
    .target(name: "CupoWire", dependencies: ["CProtobufC", "WellKnownWire"]),

    // Messages.
    .target(name: "Protobuf", dependencies: ["CProtobufC", "WellKnownWire"]),
    .target(name: "RPCSchema", dependencies: ["Protobuf", "RPCWire"]),
    .target(name: "CupoSchema", dependencies: ["Protobuf", "CupoWire"]),

    // Transport.
    .target(name: "HTTP2", dependencies: ["CNghttp2"]),
    .target(name: "Gzip", dependencies: ["CZlib"]),
    .target(
      name: "RPC",
      dependencies: [
        "HTTP2", "Gzip", "RPCSchema", "Protobuf",
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOTLS", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
        .product(name: "Logging", package: "swift-log"),
      ]),

    // Domain.
    .target(name: "Capacity"),
    // What ties the entries of the audit log together. The one target besides Identity that sees cryptography.
    .target(
      name: "HashChain",
      dependencies: ["Capacity", .product(name: "Crypto", package: "swift-crypto")]),
    .target(
      name: "CapacityEngine",
      dependencies: [
        "Capacity", "HashChain", .product(name: "Logging", package: "swift-log"),
      ]),
    .target(name: "MemoryStorage", dependencies: ["Capacity", "CapacityEngine"]),
    .target(
      name: "SQLiteStorage",
      dependencies: [
        "Capacity", "CapacityEngine", .product(name: "GRDB", package: "GRDB.swift"),
        .product(name: "GRDBSQLite", package: "GRDB.swift"),
      ]),
    .target(
      name: "PostgresStorage", dependencies: ["Capacity", "CapacityEngine", "CPostgres"]),

    // Who calls: tokens, certificates and keys. The one target that sees a JWT library.
    .target(
      name: "Identity",
      dependencies: ["CupoSchema", "Protobuf", .product(name: "JWTKit", package: "jwt-kit")]),

    // The generator of load that `cupo bench` stands on.
    .target(
      name: "Load",
      dependencies: [
        "HTTP2",
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
      ]),

    // The service, its client, its contract, the executable.
    .target(
      name: "CapacityAPI",
      dependencies: [
        "Identity", "CupoSchema", "RPC", "RPCSchema", "Protobuf", "CapacityEngine", "Capacity",
      ]),
    .target(name: "CupoClient", dependencies: ["CupoSchema", "RPC", "RPCSchema", "Protobuf"]),
    .target(
      name: "CupoContract",
      dependencies: ["CupoClient", "CupoSchema", "RPC", "RPCSchema", "Protobuf"]),
    .executableTarget(
      name: "cupo",
      dependencies: [
        "CapacityAPI", "CapacityEngine", "Capacity", "MemoryStorage", "SQLiteStorage",
        "PostgresStorage", "CupoClient", "CupoContract", "CupoSchema", "Identity", "Load", "RPC",
        "RPCSchema", "Protobuf", "CJemalloc", "Yams",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        .product(name: "UnixSignals", package: "swift-service-lifecycle"),
        .product(name: "Logging", package: "swift-log"),
      ],
      linkerSettings: runtimeInside),
    .executableTarget(
      name: "token-bench",
      dependencies: [
        "CupoClient", "CupoSchema", "Load", "RPC", "Protobuf", "CapacityAPI", "CapacityEngine",
        "Capacity", "Identity", "MemoryStorage", "SQLiteStorage",
        .product(name: "Logging", package: "swift-log"),
      ],
      path: "Benchmarks/TokenBench"),
    .executableTarget(
      name: "watch-bench",
      dependencies: [
        "CupoClient", "CupoSchema", "RPC", "HTTP2", "Protobuf",
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
      ],
      path: "Benchmarks/WatchBench"),
    .executableTarget(
      name: "echo-server",
      dependencies: [
        "RPC", "RPCSchema", "Protobuf",
        .product(name: "UnixSignals", package: "swift-service-lifecycle"),
      ],
      path: "Benchmarks/EchoServer"),
    // In C, for it stands for what SQLite does by itself.
    .executableTarget(
      name: "commit-floor", path: "Benchmarks/CommitFloor",
      linkerSettings: [.linkedLibrary("sqlite3")]),
    .executableTarget(
      name: "calendar-bench", dependencies: ["Capacity"], path: "Benchmarks/CalendarBench"),
    .executableTarget(
      name: "protoc-gen-cupo",
      dependencies: ["Protobuf", "CupoWire", "WellKnownWire", "CProtobufC"]),

    .target(name: "SeededRandom", path: "Tests/SeededRandom"),
    .target(name: "TemporaryFolders", path: "Tests/TemporaryFolders"),
    .target(
      name: "PostgresServer", dependencies: ["PostgresStorage"],
      path: "Tests/PostgresServer"),

    // The whole engine on one thread under a virtual clock: a fixture, no part of the product.
    .target(
      name: "Simulation",
      dependencies: [
        "SeededRandom", "Capacity", "CapacityEngine", "CapacityAPI", "CupoSchema", "Protobuf",
      ],
      path: "Tests/Simulation/Simulation"),
    .executableTarget(
      name: "simulate", dependencies: ["Simulation"], path: "Tests/Simulation/Simulate"),

    // gRPC's own test service on this runtime: a fixture, no part of the product.
    .target(
      name: "InteropWire", dependencies: ["CProtobufC"], path: "Tests/Interop/InteropWire"),
    .target(
      name: "InteropSchema", dependencies: ["Protobuf", "InteropWire"],
      path: "Tests/Interop/InteropSchema"),
    .executableTarget(
      name: "interop-server",
      dependencies: [
        "InteropSchema", "RPC", "RPCSchema", "Protobuf",
        .product(name: "UnixSignals", package: "swift-service-lifecycle"),
      ],
      path: "Tests/Interop/Server"),
    .executableTarget(
      name: "interop-client", dependencies: ["InteropSchema", "RPC", "Protobuf"],
      path: "Tests/Interop/Client"),

    // Tests: one folder for each target, and those that need several.
    .testTarget(name: "ProtobufTests", dependencies: ["SeededRandom", "Protobuf"]),
    .testTarget(
      name: "CupoSchemaTests",
      dependencies: ["SeededRandom", "TemporaryFolders", "CupoSchema", "Protobuf"],
      exclude: ["Foreign"]),
    .testTarget(
      name: "GeneratorTests", dependencies: ["TemporaryFolders", "protoc-gen-cupo", "Protobuf"],
      exclude: ["Golden"]),
    .testTarget(name: "HTTP2Tests", dependencies: ["SeededRandom", "HTTP2"]),
    .testTarget(
      name: "RPCTests",
      dependencies: [
        "SeededRandom", "TemporaryFolders",
        "RPC", "HTTP2", "Gzip", "RPCSchema", "Protobuf",
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOEmbedded", package: "swift-nio"),
        .product(name: "Logging", package: "swift-log"),
      ]),
    .testTarget(
      name: "LoadTests", dependencies: ["SeededRandom", "Load", "RPC", "RPCSchema", "Protobuf"]),
    .testTarget(
      name: "CapacityTests", dependencies: ["SeededRandom", "TemporaryFolders", "Capacity"]),
    .testTarget(
      name: "CapacityEngineTests",
      dependencies: [
        "SeededRandom",
        "Capacity", "CapacityEngine", "MemoryStorage",
        .product(name: "Logging", package: "swift-log"),
      ]),
    .testTarget(
      name: "StorageTests",
      dependencies: [
        "SeededRandom", "TemporaryFolders",
        "Capacity", "HashChain", "CapacityEngine", "MemoryStorage", "SQLiteStorage",
        "PostgresStorage", "PostgresServer",
        .product(name: "GRDB", package: "GRDB.swift"),
        .product(name: "Logging", package: "swift-log"),
      ]),
    .testTarget(
      name: "CapacityAPITests",
      dependencies: [
        "SeededRandom",
        "CapacityAPI", "CapacityEngine", "Capacity", "MemoryStorage", "CupoClient", "CupoSchema",
        "Identity", "RPC", "RPCSchema", "Protobuf", .product(name: "Logging", package: "swift-log"),
      ]),
    .testTarget(
      name: "ContractTests",
      dependencies: [
        "TemporaryFolders",
        "CupoContract", "CapacityAPI", "CapacityEngine", "Capacity", "MemoryStorage",
        "SQLiteStorage", "PostgresStorage", "PostgresServer", "CupoClient", "CupoSchema",
        "Identity", "RPC", "RPCSchema", "Protobuf", .product(name: "Logging", package: "swift-log"),
      ]),
    .testTarget(
      name: "IdentityTests",
      dependencies: [
        "SeededRandom", "Identity", "CupoSchema", "Protobuf",
        .product(name: "JWTKit", package: "jwt-kit"),
      ]),
    .testTarget(
      name: "CupoTests",
      dependencies: [
        "cupo", "CupoClient", "CupoSchema", "Identity", "Load", "RPC", "RPCSchema", "Protobuf",
        "Capacity", "CapacityEngine", "SeededRandom", "TemporaryFolders",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Logging", package: "swift-log"),
      ]),
    .testTarget(
      name: "SimulationTests", dependencies: ["SeededRandom", "Simulation", "simulate"],
      path: "Tests/SimulationTests"),
    .testTarget(name: "TidyTests"),
  ],
  swiftLanguageModes: [.v6]
)

// What reads a stranger's bytes, under libFuzzer: built by scripts/fuzz.sh only, because it links with no ordinary build.
if Context.environment["CUPO_FUZZ"] != nil {
  package.targets += [
    .systemLibrary(name: "CFuzzer", path: "Fuzz/CFuzzer"),
    .executableTarget(
      name: "cupo-fuzz",
      dependencies: ["CFuzzer", "HTTP2", "Gzip", "RPC", "CupoSchema", "Protobuf"],
      path: "Fuzz/Sources"),
  ]
}

// One loop, so that no target can forget a setting.
let sharedSettings: [SwiftSetting] = [
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .enableUpcomingFeature("InferIsolatedConformances"),
]
let cTargets: Set<String> = ["WellKnownWire", "RPCWire", "CupoWire", "InteropWire", "commit-floor"]
for target in package.targets where target.type != .system && !cTargets.contains(target.name) {
  target.swiftSettings = sharedSettings
}
