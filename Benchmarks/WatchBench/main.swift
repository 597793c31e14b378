// Opens many connections with one idle watch each, and says what each costs the server and how fast a change reaches all.
//
//   watch-bench HOST:PORT SERVER-PID [connections] [bursts]
//   watch-bench HOST:PORT SERVER-PID fan-out [watchers] [changes/s] [seconds]
//
// The second form changes what all watch at a steady rate, and says how long each change took to each watcher; then the same
// again beside a watcher that takes nothing.
// Memory is the growth of the server's resident set, read from /proc. The counts are bounded; it stops by itself.
import CupoClient
import CupoSchema
import Foundation
import NIOCore
import NIOPosix
import Protobuf
import RPC
import Synchronization

let arguments = Array(CommandLine.arguments.dropFirst())
let target = (arguments.first ?? "").split(separator: ":")
guard target.count == 2, let port = Int(target[1]), arguments.count > 1,
  let server = Int32(arguments[1])
else {
  print("usage: watch-bench HOST:PORT SERVER-PID [connections] [bursts]")
  print("       watch-bench HOST:PORT SERVER-PID fan-out [watchers] [changes/s] [seconds]")
  exit(2)
}
let host = String(target[0])
let count = arguments.dropFirst(2).first.flatMap { Int($0) } ?? 10_000
let bursts = arguments.dropFirst(3).first.flatMap { Int($0) } ?? 5

let messages = Atomic(0)
let ended = Atomic(0)

/// Waits until `messages` has come to `goal`.
func wait(for goal: Int, within seconds: Int) async throws {
  let end = ContinuousClock.now + .seconds(seconds)
  while messages.load(ordering: .relaxed) < goal {
    guard ContinuousClock.now < end, ended.load(ordering: .relaxed) == 0 else {
      print(
        "only \(messages.load(ordering: .relaxed)) of \(goal) messages, "
          + "\(ended.load(ordering: .relaxed)) watches ended")
      exit(1)
    }
    try await Task.sleep(for: .milliseconds(1))
  }
}

/// The server's resident memory, KiB.
func residentKiB() throws -> Int {
  let status = try String(contentsOfFile: "/proc/\(server)/status", encoding: .utf8)
  let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") } ?? ""
  return line.split(whereSeparator: { " \t".contains($0) }).compactMap { Int($0) }.first ?? 0
}

let client = try await Client.connect(host: host, port: port)
if arguments.count > 2, arguments[2] == "fan-out" {
  let numbers =
    arguments.dropFirst(3).map { Int($0) ?? 0 }
    + [1_000, 1_000, 10].dropFirst(
      max(0, arguments.count - 3))
  let fanOut = FanOut(
    host: host, port: port, client: client, watchersCount: numbers[0],
    changesPerSecond: numbers[1], seconds: numbers[2])
  try await fanOut.run(isOneStalled: false)
  try await fanOut.run(isOneStalled: true)
  exit(0)
}
let shop = try await WatchedShop.open(client)
var message: [UInt8] = []
shop.watch.encode(into: &message)
let body = [0, 0, 0, UInt8(message.count >> 8), UInt8(message.count & 255)] + message

let before = try residentKiB()
let loop = MultiThreadedEventLoopGroup.singleton.next()
for index in 0..<count {
  _ = try await ClientBootstrap(group: loop)
    .channelInitializer { channel in
      channel.eventLoop.makeCompletedFuture {
        let connection = try WatchConnection(
          path: AvailabilityService.watchAvailability.path, body: body,
          onMessage: { _ in messages.add(1, ordering: .relaxed) },
          onEnd: { ended.add(1, ordering: .relaxed) })
        try channel.pipeline.syncOperations.addHandler(connection)
      }
    }
    .connect(host: host, port: port).get()
  // A snapshot and its end come to each, in one piece or two.
  if index % 100 == 99 { try await wait(for: index + 1, within: 10) }
}
try await Task.sleep(for: .seconds(1))
let after = try residentKiB()
print(
  "\(count) connections, one watch each: \((after - before) * 10 / count / 10).\((after - before) * 10 / count % 10)"
    + " KiB of the server's memory each")

for burst in 1...bursts {
  let known = messages.load(ordering: .relaxed)
  let start = ContinuousClock.now
  try await shop.sell(client)
  try await wait(for: known + count, within: 10)
  let milliseconds = Int(((ContinuousClock.now - start) / .milliseconds(1)).rounded())
  print("burst \(burst): one change reached all \(count) in \(milliseconds) ms")
  try await Task.sleep(for: .milliseconds(500))
}
let idle = try residentKiB()
print("after the bursts: \((idle - before) / count) KiB each")
exit(0)
