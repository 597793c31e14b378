import CupoSchema
import Protobuf
import Synchronization

/// When each change was asked for, and how long it took to each watcher. One watcher after another adds to it, on one loop.
final class Deliveries {
  /// Buckets of a tenth of a millisecond, the last for everything longer.
  private var buckets = Array(repeating: 0, count: 100_000)
  private(set) var count = 0
  private(set) var messages = 0
  private let sent: SentTimes
  // All watchers are told the same bytes, so most messages were read before.
  private var lastMessage: [UInt8] = []
  private var lastHeld = 0

  init(_ sent: SentTimes) {
    self.sent = sent
  }

  /// A watcher that knew the first `known` changes has been sent a message; answers how many it knows now.
  func add(_ message: Span<UInt8>, known: Int) -> Int {
    let held = held(in: message)
    guard held > known else { return known }
    messages += 1
    let now = ContinuousClock.now
    for time in sent.times(behind: known, through: held) {
      let tenths = Int((now - time) / .microseconds(100))
      buckets[min(max(0, tenths), buckets.count - 1)] += 1
      count += 1
    }
    return held
  }

  /// The time that `share` of all deliveries took no longer than, in milliseconds.
  func milliseconds(share: Double) -> Double {
    var left = Int((Double(count) * share).rounded(.up))
    for (index, inBucket) in buckets.enumerated() {
      left -= inBucket
      if left <= 0 { return Double(index + 1) / 10 }
    }
    return .infinity
  }

  // Every change holds one unit more.
  private func held(in message: Span<UInt8>) -> Int {
    if message.count == lastMessage.count,
      message.indices.allSatisfy({ message[$0] == lastMessage[$0] })
    {
      return lastHeld
    }
    lastMessage = message.indices.map { message[$0] }
    lastHeld =
      (try? WatchAvailabilityResponse(decoding: message))?.slots.last.map { Int($0.held) } ?? 0
    return lastHeld
  }
}

/// When the n-th change was asked for.
final class SentTimes: Sendable {
  private let times = Mutex<[ContinuousClock.Instant]>([])

  func append() {
    times.withLock { $0.append(.now) }
  }

  func times(behind first: Int, through last: Int) -> ArraySlice<ContinuousClock.Instant> {
    times.withLock { $0[min(first, $0.count)..<min(last, $0.count)] }
  }
}
