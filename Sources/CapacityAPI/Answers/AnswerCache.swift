// Answers is how what many ask is answered once: a list or a calendar is kept as bytes, and whoever asks the same gets them while nothing
// has changed that they rest on.
//
// It is not for deciding: what an answer says is the evaluator's, and whether something has changed is told by CapacityEngine.
//
// Before changing it, know this: nothing here is ever taken away because it is wrong. An answer knows what it rests on and is asked each
// time, so what is kept too long costs room and nothing else.

internal import Capacity
internal import CapacityEngine
internal import Synchronization

/// Answers by the bytes of their requests, and who waits for one that is being worked out.
final class AnswerCache: Sendable {
  /// Bytes that are kept at most; what was not asked for longest goes first.
  static let bytesMax = 16 << 20
  /// Longer requests are asked by nobody twice.
  static let questionBytesMax = 512
  /// Callers that wait for answers which others have asked for.
  static let waitersMax = 4_096

  /// One who waits for an answer that somebody else has asked for; nil: there is none.
  typealias Waiter = @Sendable (KnownAnswer?) -> Void

  /// What is to be done about a question that has no answer yet.
  enum Turn {
    /// Have it answered, and say so by ``close(_:_:)``.
    case first
    /// Nothing: the waiter will be told.
    case waits
    /// Have it answered; nobody else takes part.
    case alone
  }

  fileprivate struct OpenQuestion {
    let bytes: [UInt8]
    var waiters: [Waiter] = []
  }

  fileprivate struct State {
    // What was asked for lately, and before that.
    var recent: [Int: KnownAnswer] = [:]
    var older: [Int: KnownAnswer] = [:]
    var recentBytes = 0
    var olderBytes = 0
    var open: [Int: OpenQuestion] = [:]
    var waitersCount = 0
  }

  private let bytesMax: Int
  private let waitersMax: Int
  private let state = Mutex(State())

  /// - Parameter bytesMax: 0: nothing is kept, and everybody is answered alone.
  init(bytesMax: Int = AnswerCache.bytesMax, waitersMax: Int = AnswerCache.waitersMax) {
    self.bytesMax = bytesMax
    self.waitersMax = waitersMax
  }

  /// The answer to `question` that was worked out last. Whether it still holds, it knows itself.
  func answer(to question: Span<UInt8>) -> KnownAnswer? {
    guard takes(question.count) else { return nil }
    let place = Self.place(of: question)
    guard let found = state.withLock({ $0.find(place, halfMax: bytesMax / 2) }) else { return nil }
    let bytes = found.question
    guard bytes.span.isSame(as: question) else { return nil }
    return found
  }

  /// Keeps `answer`.
  func keep(_ answer: KnownAnswer) {
    guard takes(answer.question.count), answer.bytesCount <= bytesMax / 8 else { return }
    let question = answer.question
    let place = Self.place(of: question.span)
    state.withLock { $0.insert(answer, at: place, halfMax: bytesMax / 2) }
  }

  /// Takes part in `question`.
  func open(_ question: [UInt8], _ waiter: @escaping Waiter) -> Turn {
    guard takes(question.count) else { return .alone }
    let place = Self.place(of: question.span)
    return state.withLock { state in
      guard let open = state.open[place] else {
        state.open[place] = OpenQuestion(bytes: question)
        return .first
      }
      guard open.bytes == question, state.waitersCount < waitersMax else { return .alone }
      state.open[place]?.waiters.append(waiter)
      state.waitersCount += 1
      return .waits
    }
  }

  /// Ends what `open` has begun with ``Turn/first``, and tells those who wait.
  func close(_ question: [UInt8], _ answer: KnownAnswer?) {
    if let answer { keep(answer) }
    let place = Self.place(of: question.span)
    let waiters = state.withLock { state in
      let waiters = state.open.removeValue(forKey: place)?.waiters ?? []
      state.waitersCount -= waiters.count
      return waiters
    }
    for waiter in waiters { waiter(answer) }
  }

  /// For tests: how much is kept.
  var bytesCount: Int { state.withLock { $0.recentBytes + $0.olderBytes } }

  private func takes(_ questionBytes: Int) -> Bool {
    bytesMax > 0 && questionBytes <= Self.questionBytesMax
  }

  // Of two questions at one place the later one is kept.
  private static func place(of question: Span<UInt8>) -> Int {
    var hasher = Hasher()
    unsafe question.withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
    return hasher.finalize()
  }
}

extension AnswerCache.State {
  fileprivate mutating func find(_ place: Int, halfMax: Int) -> KnownAnswer? {
    if let found = recent[place] { return found }
    guard let found = older.removeValue(forKey: place) else { return nil }
    olderBytes -= found.bytesCount
    insert(found, at: place, halfMax: halfMax)
    return found
  }

  fileprivate mutating func insert(_ answer: KnownAnswer, at place: Int, halfMax: Int) {
    if let replaced = recent.removeValue(forKey: place) { recentBytes -= replaced.bytesCount }
    if recentBytes + answer.bytesCount > halfMax {
      (older, olderBytes) = (recent, recentBytes)
      (recent, recentBytes) = ([:], 0)
    }
    recent[place] = answer
    recentBytes += answer.bytesCount
  }
}

extension Span<UInt8> {
  fileprivate func isSame(as other: Span<UInt8>) -> Bool {
    guard count == other.count else { return false }
    for index in indices where self[index] != other[index] { return false }
    return true
  }
}
