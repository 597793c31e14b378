// Finds out what a running server can carry, then offers several times as much at a pace that does not wait for answers, each call
// with a deadline of a second.
//
//   overload-bench HOST:PORT [process] [seconds] [lines] [factor] [calls]
//
// `process` is the server's, whose memory is looked at; `lines` of each Reserve (1); `factor` times the peak are offered (5); `calls`
// what the server lets one connection have open (1,000). The token comes from CUPO_TOKEN. It fails unless the goodput stays over 80 % of
// the peak and the p99 of what was answered under the deadline.
import Foundation
import RPC

let target = (CommandLine.arguments.dropFirst().first ?? "").split(separator: ":")
let numbers = CommandLine.arguments.dropFirst(2).map { Double($0) ?? 0 }
guard target.count == 2, let port = Int(target[1]) else {
  print("usage: overload-bench HOST:PORT [process] [seconds] [lines] [factor] [calls]")
  exit(2)
}

func number(_ index: Int, or absent: Double, in range: ClosedRange<Double>) -> Double {
  numbers.count > index ? min(max(numbers[index], range.lowerBound), range.upperBound) : absent
}

let client = try await Client.connect(host: String(target[0]), port: port)
let shop = Shop(
  address: (String(target[0]), port), client: client,
  token: ProcessInfo.processInfo.environment["CUPO_TOKEN"],
  productID: "bench-\(String(UInt64.random(in: 1...UInt64.max), radix: 36))",
  lines: Int(number(2, or: 1, in: 1...32)))
try await shop.prepare()
let overload = Overload(
  shop: shop, process: numbers.first.flatMap { $0 > 0 ? Int32($0) : nil }, deadline: .seconds(1),
  factor: number(3, or: 5, in: 1...100), seconds: Int(number(1, or: 10, in: 1...600)),
  connections: 16, streams: Int(number(4, or: 1_000, in: 1...1_000)))
let holds = try await overload.run()
await client.close()
exit(holds ? 0 : 1)
