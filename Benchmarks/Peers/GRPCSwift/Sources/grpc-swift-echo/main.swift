// The same unary echo as echo-server's, by grpc-swift-2 and its NIO transport. Messages stay bytes, so that only the
// runtime is measured.
//
//   grpc-swift-echo PORT
import GRPCCore
import GRPCNIOTransportHTTP2Posix

struct Bytes: MessageSerializer, MessageDeserializer {
  func serialize<B: GRPCContiguousBytes>(_ message: [UInt8]) throws -> B { B(message) }

  func deserialize<B: GRPCContiguousBytes>(_ bytes: B) throws -> [UInt8] {
    bytes.withUnsafeBytes { Array($0) }
  }
}

struct Echo: RegistrableRPCService {
  func registerMethods<Transport: ServerTransport>(with router: inout RPCRouter<Transport>) {
    let method = MethodDescriptor(fullyQualifiedService: "bench.Echo", method: "Echo")
    router.registerHandler(forMethod: method, deserializer: Bytes(), serializer: Bytes()) {
      (request: StreamingServerRequest<[UInt8]>, _: ServerContext) in
      let single = try await ServerRequest(stream: request)
      return StreamingServerResponse(single: ServerResponse(message: single.message))
    }
  }
}

let port = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 18_090
let server = GRPCServer(
  transport: .http2NIOPosix(
    address: .ipv4(host: "127.0.0.1", port: port), transportSecurity: .plaintext),
  services: [Echo()])
try await server.serve()
