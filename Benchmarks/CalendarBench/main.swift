// Measures the evaluator alone: no wire, no engine, no store. A year of 96 slots a day, each half taken.
//
//   calendar-bench [ROUNDS]
//
// It prints percentiles of each row and the limits that SYSTEM's users were promised, and ends with 1 where a median is
// above its limit. Build it in release mode; absolute numbers of a busy machine are noise.
import Capacity

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

let rounds = max(3, CommandLine.arguments.dropFirst().compactMap { Int($0) }.first ?? 41)
let year = Year()
let ids = year.ids(10_000)
let rows = [
  Measurement("366 days of 96 slots, cold", limitMilliseconds: 50, rounds) { year.cold() },
  Measurement("366 days of 96 slots, warm", limitMilliseconds: 5, rounds) { year.warm() },
  Measurement("366 days of 96 slots, closed", limitMilliseconds: nil, rounds) { year.closed() },
  Measurement("366 days summed up, warm", limitMilliseconds: nil, rounds) {
    year.summed(days: 366)
  },
  Measurement("30 days summed up, warm", limitMilliseconds: 1, rounds) { year.summed(days: 30) },
  Measurement("30 days, a stock behind them", limitMilliseconds: nil, rounds) {
    year.hybrid(days: 30)
  },
  Measurement("10,000 slots one by one", limitMilliseconds: nil, rounds) { year.single(ids) },
]
for row in rows { print(row.text) }
if rows.contains(where: \.isTooSlow) { exit(1) }
