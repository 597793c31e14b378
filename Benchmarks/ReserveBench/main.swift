// Measures durable Reserves against a running server: one after another on one connection, and many at a time.
//
//   reserve-bench HOST:PORT [sequential-count] [concurrent-count] [streams] [pools]
//
// It prints requests per second and percentiles. Absolute numbers of one machine are noise elsewhere: compare the two
// rows, and runs side by side. Counts and streams are bounded; it stops by itself.
import CupoSchema
import Protobuf
import RPC

let arguments = CommandLine.arguments.dropFirst()
let target = (arguments.first ?? "127.0.0.1:50051").split(separator: ":")
let counts = arguments.dropFirst().compactMap { Int($0) }
let sequential = counts.first ?? 1000
let concurrent = counts.dropFirst().first ?? 10_000
let streams = counts.dropFirst(2).first ?? 64
let pools = counts.dropFirst(3).first ?? 1
let warmUp = 500

guard target.count == 2, let port = Int(target[1]) else {
  print("usage: reserve-bench HOST:PORT [sequential-count] [concurrent-count] [streams] [pools]")
  fatalError("no address")
}

let client = try await Client.connect(host: String(target[0]), port: port)
let bench = Bench(
  address: (String(target[0]), port), client: client, run: UInt64.random(in: 1...UInt64.max),
  pools: max(1, min(pools, 1_000_000)))
try await bench.prepare()
try await bench.warmUp(count: warmUp, streams: 16)
print(try await bench.measure("one after another", count: sequential, streams: 1))
print(try await bench.measure("\(streams) streams", count: concurrent, streams: streams))
let held = try await bench.held()
guard held == warmUp + sequential + concurrent else { fatalError("the server holds \(held)") }
await client.close()
