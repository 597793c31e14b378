import Capacity
import CapacityEngine

/// Something that was asked of a node, and the answer once there is one. One thread has it, the simulator's.
final class Letter: @unchecked Sendable {
  enum Content {
    case command(Command)
    /// What can be sold of a product in a slot, and the pools behind it as the asking side knew them.
    case read(productID: String, slot: String, quantity: Int64, pools: [PoolKey])
    case lookUp(UInt64)
    case list(ReservationFilter, before: UInt64?, limit: Int)
  }

  enum Answer {
    case outcome(Outcome)
    case reading(Reading)
    case reservation(Reservation?)
    case page(ReservationPage)
    case failure(EngineError)
  }

  let request: Request
  private(set) var answer: Answer?
  /// Answers must come exactly once.
  private(set) var answersCount = 0

  /// As it was asked at the node.
  var asked: Content

  /// What it was decided ahead with, once that is sent.
  var batch: SentBatch?
  /// What must be answered, once that is written.
  var expected: Outcome?
  /// Its answer was held against the truth.
  var isHeard = false

  private let diary: Diary

  init(_ request: Request, _ diary: Diary) {
    (self.request, self.diary) = (request, diary)
    asked = request.content
  }

  func put(_ answer: Answer) {
    answersCount += 1
    self.answer = self.answer ?? answer
    diary.add(.answered(self))
  }

  /// On its way back the answer becomes another one.
  func garble() {
    answer = .failure(.storageUnavailable)
  }

  /// Whether it goes ahead of everything else.
  var isUrgent: Bool {
    if case .command(.release) = asked { true } else { false }
  }

  /// Whether it asks for just this.
  func asks(_ command: Command) -> Bool {
    guard case .command(let own) = asked else { return false }
    switch (own, command) {
    case (.reserve(let one), .reserve(let other)):
      return one.key == other.key && one.lines == other.lines && one.ttl == other.ttl
        && one.reference == other.reference
    case (.consume(let one), .consume(let other)), (.release(let one), .release(let other)),
      (.cancel(let one), .cancel(let other)):
      return one.number == other.number && one.scope == other.scope
        && one.requestID == other.requestID && one.amounts == other.amounts
        && one.reacquire == other.reacquire
    case (.extend(let one), .extend(let other)):
      return one.number == other.number && one.scope == other.scope
        && one.requestID == other.requestID && one.ttl == other.ttl
    default: return false
    }
  }

  /// For whoever reads a failure.
  var said: String { answer.map { "\($0)" } ?? "nothing" }

  var failure: EngineError? {
    if case .failure(let error)? = answer { error } else { nil }
  }
}

/// What a client wants: the same object however often it is sent.
final class Request {
  let number: Int
  let client: Int
  let content: Letter.Content
  /// What the client was told first, of what it may be told again.
  var firstNumber: UInt64?

  init(_ number: Int, client: Int, _ content: Letter.Content) {
    (self.number, self.client, self.content) = (number, client, content)
  }
}
