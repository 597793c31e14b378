import Capacity
import SeededRandom
import Synchronization
import Testing

@testable import CapacityEngine

/// What waits for the lane: who is let in, who goes first, and who is told that it came too late.
struct MailboxTests {
  private static func reserve(_ number: Int, _ told: Told? = nil) -> Work {
    .command(Shop.reserve("\(number)")) { told?.put($0, number) }
  }

  private static func release(_ number: Int) -> Work {
    .command(Shop.release(UInt64(number))) { _ in }
  }

  private static func number(_ work: Work) -> Int {
    switch work {
    case .command(.reserve(let command), _, _): Int(command.key.key) ?? -1
    case .command(.release(let command), _, _): Int(command.number)
    default: -1
    }
  }

  /// Collects answers by number.
  final class Told: Sendable {
    private let state = Mutex<[Int: Result<Outcome, EngineError>]>([:])
    var all: [Int: Result<Outcome, EngineError>] { state.withLock { $0 } }
    func put(_ answer: Result<Outcome, EngineError>, _ number: Int) {
      state.withLock { $0[number] = answer }
    }
  }

  /// A clock that the test sets.
  final class Clock: Sendable {
    private let state = Mutex<Int64>(0)
    var now: Int64 { state.withLock { $0 } }
    func advance(_ microseconds: Int64) { state.withLock { $0 += microseconds } }
  }

  @Test func manyInOneCountAsMany() {
    func many(_ count: Int) -> Work {
      .commands((0..<count).map { Shop.reserve("\($0)") }) { _ in }
    }
    var waiting = WaitingWork()
    for count in [6, 6, 30] { waiting.append(many(count), deadline: WaitingWork.never) }
    waiting.append(Self.reserve(1), deadline: WaitingWork.never)
    #expect(waiting.normalSize == 43)
    var sizes: [Int] = []
    while !waiting.isEmpty {
      var (batch, late): ([Work], [Work]) = ([], [])
      sizes.append(waiting.take(10, at: 0, into: &batch, late: &late))
    }
    // What is larger than a batch goes all the same, and whole.
    #expect(sizes == [12, 30, 1])
    #expect(waiting.normalSize == 0)
    let mailbox = Mailbox(waitingMax: 10)
    #expect(mailbox.post(many(8)) == nil)
    #expect(mailbox.post(many(3)) == .overloaded)
    #expect(mailbox.post(many(2)) == nil)
  }

  // Against a list that is looked through whole.
  @Test func whatWaitsIsHandedOutOnceAndInOrder() {
    var random = SplitMix("MailboxTests")
    for _ in 0..<200 {
      var waiting = WaitingWork()
      var model: [(number: Int, deadline: Int64, isUrgent: Bool)] = []
      var (now, next): (Int64, Int) = (0, 0)
      for _ in 0..<60 {
        for _ in 0..<Int.random(in: 0...40, using: &random) {
          let isUrgent = Int.random(in: 0..<4, using: &random) == 0
          let deadline: Int64 =
            Bool.random(using: &random) ? .max : now + .random(in: 0...300, using: &random)
          waiting.append(
            isUrgent ? Self.release(next) : Self.reserve(next), deadline: deadline)
          model.append((next, deadline, isUrgent))
          next += 1
        }
        now += .random(in: 0...100, using: &random)
        let limit = Int.random(in: 1...60, using: &random)
        var (batch, late): ([Work], [Work]) = ([], [])
        let size = waiting.take(limit, at: now, into: &batch, late: &late)
        #expect(size == batch.count)
        let (taken, tooLate) = (batch.map(Self.number), late.map(Self.number))
        let isAll = model.count <= limit
        let byNumber = Dictionary(uniqueKeysWithValues: model.map { ($0.number, $0) })
        // Whoever is late is, and nobody else.
        for number in tooLate {
          #expect(byNumber[number].map { $0.deadline <= now && !$0.isUrgent } == true)
        }
        for number in taken {
          #expect(byNumber[number].map { $0.deadline > now || $0.isUrgent } == true)
        }
        // Nobody is passed by one of the same kind, and what goes ahead does so.
        for isUrgent in [true, false] {
          let gone = (taken + tooLate).filter { byNumber[$0]?.isUrgent == isUrgent }.sorted()
          let first = model.filter { $0.isUrgent == isUrgent }.prefix(gone.count).map(\.number)
          #expect(gone == first)
        }
        if isAll {
          #expect(taken == taken.sorted() && taken.count + tooLate.count == model.count)
        } else {
          let urgent = model.count { $0.isUrgent }
          #expect(taken.count { byNumber[$0]?.isUrgent == true } == min(urgent, limit))
          #expect(taken.count <= limit + limit / 8)
          let kinds = taken.map { byNumber[$0]?.isUrgent == true }
          #expect(kinds == kinds.sorted { $0 && !$1 })
        }
        let gone = Set(taken + tooLate)
        #expect(gone.count == taken.count + tooLate.count)
        model.removeAll { gone.contains($0.number) }
        #expect(waiting.normalSize + waiting.urgentCount == model.count)
      }
    }
  }

  // A lane that needs a millisecond for each piece, and 20 of them at a time.
  private func busy(_ clock: Clock) -> Mailbox {
    let mailbox = Mailbox(
      waitingMax: 10_000, batchMax: 20, patience: 1_000_000, now: { clock.now })
    var batch: [Work] = []
    for count in 1...20 {
      for number in 0..<count { #expect(mailbox.post(Self.reserve(number)) == nil) }
      #expect(mailbox.take(into: &batch, waitingAtMost: 0) && batch.count == count)
      clock.advance(Int64(count) * 1_000)
      batch.removeAll()
    }
    for number in 0..<20 { _ = mailbox.post(Self.reserve(number)) }
    #expect(mailbox.take(into: &batch, waitingAtMost: 0) && batch.count == 20)
    return mailbox
  }

  @Test func whoWouldWaitTooLongIsToldAtOnce() {
    let clock = Clock()
    let mailbox = busy(clock)
    // 20 ms for what is being decided, and a millisecond for each behind it; half of what is left may go by.
    let deadline = clock.now + 100_000
    var taken = 0
    while mailbox.post(Self.reserve(taken), deadline: deadline) == nil { taken += 1 }
    #expect((25...32).contains(taken))
    #expect(mailbox.isCrowded && !mailbox.admits(deadline: deadline))
    #expect((45_000...56_000).contains(mailbox.wait))
    // Who has more time may wait for longer; who does not say, as long as it is agreed.
    #expect(mailbox.post(Self.reserve(0), deadline: clock.now + 200_000) == nil)
    var patient = 0
    while mailbox.post(Self.reserve(patient)) == nil { patient += 1 }
    #expect((430...480).contains(patient))
  }

  @Test func releasesAreNeverTurnedAwayAndGoFirst() {
    let clock = Clock()
    let mailbox = busy(clock)
    while mailbox.post(Self.reserve(0)) == nil {}
    #expect(mailbox.post(Self.reserve(0), deadline: clock.now + 1) == .overloaded)
    #expect(mailbox.post(Self.release(7), deadline: clock.now + 1) == nil)
    clock.advance(20_000)
    var batch: [Work] = []
    #expect(mailbox.take(into: &batch, waitingAtMost: 0))
    #expect(batch.count == 20 && batch[0].isUrgent && Self.number(batch[0]) == 7)
  }

  @Test func whatNobodyWaitsForIsNotHandedOut() {
    let clock = Clock()
    let mailbox = Mailbox(waitingMax: 10, now: { clock.now })
    let told = Told()
    #expect(mailbox.post(Self.reserve(1, told), deadline: 1_000) == nil)
    #expect(mailbox.post(Self.reserve(2, told), deadline: 3_000) == nil)
    #expect(mailbox.post(Self.release(3), deadline: 1_000) == nil)
    clock.advance(2_000)
    var batch: [Work] = []
    #expect(mailbox.take(into: &batch, waitingAtMost: 0))
    #expect(batch.map(Self.number) == [2, 3])
    #expect(told.all[1].map { $0 == .failure(.tooLate) } == true)
    #expect(told.all[2] == nil)
    // Nothing but late ones: an empty turn, not the end.
    batch.removeAll()
    #expect(mailbox.post(Self.reserve(4, told), deadline: 1_000) == nil)
    #expect(mailbox.take(into: &batch, waitingAtMost: 0) && batch.isEmpty)
    #expect(told.all[4] != nil)
  }

  @Test func anIdleLaneTurnsNobodyAway() {
    let clock = Clock()
    let mailbox = busy(clock)
    clock.advance(20_000)
    var batch: [Work] = []
    #expect(mailbox.take(into: &batch, waitingAtMost: 0) && batch.isEmpty)
    #expect(!mailbox.isCrowded)
    for number in 0..<100 {
      #expect(mailbox.post(Self.reserve(number), deadline: clock.now + 1_000) == nil)
    }
  }

  // MARK: Five times the load

  /// A store that takes a fixed time for each commit and something for each piece in it, microseconds, now and then half as much more.
  private struct Pace: CustomStringConvertible {
    let fixed: Int64
    let each: Int64
    let batchMax: Int
    let deadline: Int64

    init(_ random: inout SplitMix) {
      fixed = .random(in: 200...5_000, using: &random)
      each = .random(in: 50...1_000, using: &random)
      batchMax = .random(in: 32...512, using: &random)
      // Of some batches as large as they get.
      let smallest = each * Int64(WaitEstimate.smallestBatch)
      deadline = .random(in: 6...30, using: &random) * (fixed + max(smallest, Self.slice))
    }

    private static let slice = Int64(WaitEstimate.sliceMicroseconds)

    private func regular(_ count: Int) -> Int64 { fixed + each * Int64(count) }

    func batch(_ count: Int, _ random: inout SplitMix) -> Int64 {
      let time = regular(count)
      return time + (Int.random(in: 0..<4, using: &random) == 0 ? time / 2 : 0)
    }

    /// Pieces a second, with batches that are no larger than fill a slice of time. On average one takes an eighth longer.
    var peak: Double {
      (1...batchMax).lazy
        .filter { $0 <= WaitEstimate.smallestBatch || each * Int64($0) <= Self.slice }
        .map { Double($0) * 1e6 / (1.125 * Double(regular($0))) }.max() ?? 0
    }

    var description: String {
      "\(fixed) + \(each) a piece, \(batchMax) at most, deadline \(deadline) µs"
    }
  }

  /// What became of calls that came in at a pace.
  private struct Flood {
    var served = 0
    var refused = 0
    var late = 0
    var microseconds: Int64 = 0

    var servedPerSecond: Double { Double(served) * 1e6 / Double(microseconds) }
  }

  /// A lane that takes from a mailbox what comes into it every `interval` nanoseconds: 40 batches from which it learns, 100 that count.
  private func flood(_ pace: Pace, every interval: Int64, _ random: inout SplitMix) -> Flood {
    let (clock, told) = (Clock(), Told())
    let mailbox = Mailbox(waitingMax: 1_000_000, batchMax: pace.batchMax, now: { clock.now })
    var (result, start, lateBefore): (Flood, Int64, Int) = (Flood(), 0, 0)
    var arrivals: [Int64] = []
    var batch: [Work] = []
    for index in 0..<140 {
      if index == 40 { (result, start, lateBefore) = (Flood(), clock.now, told.all.count) }
      #expect(mailbox.take(into: &batch, waitingAtMost: 0))
      let end = clock.now + max(1, pace.batch(batch.count, &random))
      // What comes while the store is busy.
      while true {
        let due = Int64(arrivals.count) * interval / 1_000
        guard due < end else { break }
        clock.advance(max(0, due - clock.now))
        let work = Self.reserve(arrivals.count, told)
        if mailbox.post(work, deadline: due + pace.deadline) != nil { result.refused += 1 }
        arrivals.append(due)
      }
      clock.advance(end - clock.now)
      for number in batch.map(Self.number) {
        let isInTime = end - arrivals[number] < pace.deadline
        result.served += isInTime ? 1 : 0
        result.late += isInTime ? 0 : 1
      }
      batch.removeAll()
    }
    result.late += told.all.count - lateBefore
    result.microseconds = clock.now - start
    return result
  }

  /// Next to nobody who was let in is late.
  @Test func fiveTimesTheLoadLeavesTheGoodput() {
    var random = SplitMix("MailboxTests")
    for _ in 0..<30 {
      let pace = Pace(&random)
      let peak = pace.peak
      let result = flood(pace, every: Int64(1e9 / (peak * 5)), &random)
      let text: Comment = "\(pace): peak \(peak)/s, \(result) \(result.servedPerSecond)/s"
      #expect(result.servedPerSecond > 0.8 * peak, text)
      #expect(result.late * 50 < result.served, text)
      #expect(result.refused > 2 * result.served, text)
    }
  }
}
