// A unary echo without any work behind it: what a call costs in HTTP2 and RPC alone. scripts/bench-rpc.sh loads it.
//
//   echo-server [PORT]
//
// It prints the address once it answers. On SIGTERM it stops, and says on standard output how many calls it has answered.
import Foundation
import Protobuf
import RPC
import RPCSchema
import Synchronization
import UnixSignals

// `print` would keep the line in a buffer if a script reads it.
func say(_ line: String) throws {
  try FileHandle.standardOutput.write(contentsOf: Data("\(line)\n".utf8))
}

let echo = Method<HealthCheckRequest, HealthCheckRequest>(service: "bench.Echo", name: "Echo")
let answered = Atomic(0)

var services = ServiceTable()
services.unary(echo) { (request, _) async throws(RPCError) in
  answered.add(1, ordering: .relaxed)
  return request
}

var configuration = ServerConfiguration()
configuration.port = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 0
let server = try await Server.start(configuration, services)
try say("ready address=\(server.address.host):\(server.address.port)")

for await _ in await UnixSignalsSequence(trapping: .sigterm, .sigint) { break }
await server.drain(within: .seconds(1))
try say("answered \(answered.load(ordering: .relaxed))")
