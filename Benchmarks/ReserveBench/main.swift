// Measures Reserves.
//
//   reserve-bench HOST:PORT [sequential] [concurrent] [streams] [pools] [random]
//     durable ones against a running server: one after another on one connection, and many at a time. The token comes from
//     CUPO_TOKEN. Each Reserve takes one of `pools` pools (1 where it is absent) by chance. With `random` the idempotency keys are random, otherwise in the order of time.
//
//   reserve-bench compare [rounds] [count] [streams]
//     with a token on every call against without, in turns, against two servers of its own in this process: one that asks
//     who calls, and one that takes everybody for an administrator.
//
//   reserve-bench overload HOST:PORT [process] [seconds] [lines] [factor] [calls]
//     finds out what a running server can carry, then offers `factor` times as much (5 where it is absent) at a pace that does not
//     wait for answers, each call with a deadline of a second. `process` is the server's, whose memory is looked at; `calls` what it lets
//     one connection have open (1,000).
//
// It prints requests per second and percentiles. Absolute numbers of one machine are noise elsewhere: compare rows, and runs
// side by side. Counts and streams are bounded; it stops by itself.
import CupoSchema
import Foundation
import Protobuf
import RPC

let arguments = Array(CommandLine.arguments.dropFirst())
let counts = arguments.dropFirst().compactMap { Int($0) }

if arguments.first == "compare" {
  try await Comparison(
    rounds: counts.first ?? 15, count: counts.dropFirst().first ?? 10_000,
    streams: counts.dropFirst(2).first ?? 64
  ).run()
} else if arguments.first == "overload" {
  guard try await overload() else { exit(1) }
} else {
  try await measure()
}

@MainActor func overload() async throws -> Bool {
  let target = (arguments.dropFirst().first ?? "").split(separator: ":")
  let numbers = arguments.dropFirst(2).map { Double($0) ?? 0 }
  guard target.count == 2, let port = Int(target[1]) else {
    print("usage: reserve-bench overload HOST:PORT [process] [seconds] [lines] [factor] [calls]")
    return false
  }
  let client = try await Client.connect(host: String(target[0]), port: port)
  let bench = Bench(
    address: (String(target[0]), port), client: client,
    token: ProcessInfo.processInfo.environment["CUPO_TOKEN"],
    run: UInt64.random(in: 1...UInt64.max), pools: 1, hasRandomKeys: false,
    lines: numbers.count > 2 ? max(1, min(32, Int(numbers[2]))) : 1)
  try await bench.prepare()
  try await bench.warmUp(count: 500, streams: 16)
  let overload = Overload(
    bench: bench, process: numbers.first.flatMap { $0 > 0 ? Int32($0) : nil },
    deadline: .seconds(1), factor: numbers.count > 3 ? max(1, numbers[3]) : 5,
    seconds: numbers.count > 1 ? max(1, min(600, Int(numbers[1]))) : 10, connections: 16,
    streams: numbers.count > 4 ? max(1, min(1_000, Int(numbers[4]))) : 1_000)
  let holds = try await overload.run()
  await client.close()
  return holds
}

@MainActor func measure() async throws {
  let target = (arguments.first ?? "127.0.0.1:50051").split(separator: ":")
  let sequential = counts.first ?? 1000
  let concurrent = counts.dropFirst().first ?? 10_000
  let streams = counts.dropFirst(2).first ?? 64
  let pools = counts.dropFirst(3).first ?? 1
  let warmUp = 500
  guard target.count == 2, let port = Int(target[1]) else {
    print("usage: reserve-bench HOST:PORT [sequential] [concurrent] [streams] [pools] [random]")
    fatalError("no address")
  }
  let client = try await Client.connect(host: String(target[0]), port: port)
  let bench = Bench(
    address: (String(target[0]), port), client: client,
    token: ProcessInfo.processInfo.environment["CUPO_TOKEN"],
    run: UInt64.random(in: 1...UInt64.max), pools: max(1, min(pools, 1_000_000)),
    hasRandomKeys: arguments.last == "random")
  try await bench.prepare()
  try await bench.warmUp(count: warmUp, streams: 16)
  print(try await bench.measure("one after another", count: sequential, streams: 1))
  print(try await bench.measure("\(streams) streams", count: concurrent, streams: streams))
  let held = try await bench.held()
  guard held == warmUp + sequential + concurrent else { fatalError("the server holds \(held)") }
  await client.close()
}
