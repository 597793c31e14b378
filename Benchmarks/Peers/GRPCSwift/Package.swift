// swift-tools-version: 6.2
import PackageDescription

// A peer to measure against, in a package of its own: the service itself never depends on it.

let package = Package(
  name: "grpc-swift-echo",
  platforms: [.macOS(.v15)],
  dependencies: [
    .package(url: "https://github.com/grpc/grpc-swift-2", from: "2.4.3"),
    .package(url: "https://github.com/grpc/grpc-swift-nio-transport", from: "2.9.2"),
  ],
  targets: [
    .executableTarget(
      name: "grpc-swift-echo",
      dependencies: [
        .product(name: "GRPCCore", package: "grpc-swift-2"),
        .product(name: "GRPCNIOTransportHTTP2Posix", package: "grpc-swift-nio-transport"),
      ])
  ],
  swiftLanguageModes: [.v6]
)
