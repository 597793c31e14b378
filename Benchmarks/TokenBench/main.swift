// What it costs to know who calls.
//
//   token-bench [rounds] [count] [streams]
//
// Reserves with a token on every call against without, in turns, against two servers of its own in this process: one that asks
// who calls, and one that takes everybody for an administrator. It prints ratios; counts are bounded, and it stops by itself.

let counts = CommandLine.arguments.dropFirst().compactMap { Int($0) }
try await Comparison(
  rounds: counts.first ?? 15, count: counts.dropFirst().first ?? 10_000,
  streams: counts.dropFirst(2).first ?? 64
).run()
