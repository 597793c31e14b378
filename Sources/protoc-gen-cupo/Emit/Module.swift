/// A Swift module that is generated, and where its C comes from.
struct Module {
  var name: String
  /// The module with the C structs.
  var wire: String
  /// Whether a proto file belongs to it.
  var owns: @Sendable (ProtoFile) -> Bool
  /// What declarations that other modules' generated code needs are called with.
  var codecAccess = ""
  /// Whether it carries Cupo's contract: rules, access table, error catalogue.
  var isContract = false

  /// The modules of this package, by name.
  static let all: [String: Module] = [
    "Protobuf": Module(
      name: "Protobuf", wire: "WellKnownWire",
      owns: { $0.package == "google.protobuf" && !$0.path.hasSuffix("/descriptor.proto") },
      codecAccess: "package "),
    "RPCSchema": Module(
      name: "RPCSchema", wire: "RPCWire",
      owns: { $0.package == "google.rpc" || $0.package.hasPrefix("grpc.") }),
    "CupoSchema": Module(
      name: "CupoSchema", wire: "CupoWire", owns: { $0.package.hasPrefix("cupo.") },
      isContract: true),
    // A test fixture: gRPC's own test service, from a descriptor set of its own.
    "InteropSchema": Module(
      name: "InteropSchema", wire: "InteropWire", owns: { $0.package == "grpc.testing" }),
  ]

  /// The package whose messages describe the schema itself: only its enums become Swift.
  static let contractPackage = "cupo.contract.v1"
}
