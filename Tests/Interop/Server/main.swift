// gRPC's interoperability test service on this runtime, so that clients of other implementations can be set upon it.
//
//   interop-server [--port N] [--host ADDRESS]
//
// It prints the address once it answers, and serves until SIGTERM or SIGINT. No part of the product: it does whatever a
// caller asks for. What the calls do is ``TestServiceHandlers``.
import Foundation
import InteropSchema
import Protobuf
import RPC
import RPCSchema
import UnixSignals

// `print` would keep the line in a buffer if a script reads it.
func write(_ line: String, to file: FileHandle) throws {
  try file.write(contentsOf: Data("\(line)\n".utf8))
}

guard let options = ServerOptions(CommandLine.arguments.dropFirst()) else {
  try write("usage: interop-server [--port N] [--host ADDRESS]", to: .standardError)
  exit(64)
}
// Before the ready line: a script that reads it may send one in the next microsecond.
let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)

var services = ServiceTable()
TestServiceHandlers.register(in: &services)
let health = HealthService(services: services.services + HealthService.ownServices)
health.register(in: &services)
Reflection.register(
  in: &services, files: InteropSchemaFiles.all + RPCSchemaFiles.all + ProtobufFiles.all)

var configuration = ServerConfiguration()
configuration.host = options.host
configuration.port = options.port
let server = try await Server.start(configuration, services)
try write("ready address=\(server.address.host):\(server.address.port)", to: .standardOutput)

for await _ in signals { break }
health.stop()
await server.drain(within: .seconds(5))
