internal import Capacity
internal import CapacityEngine
internal import CupoSchema
internal import Protobuf
internal import RPC

/// Answers lists and calendars: from what is known where that still holds, else by a reading that all who ask the same at that time
/// share. Nobody waits in a task.
struct Answers: Sendable {
  /// Who was too late for a reading takes part in the next; what changes as fast as that is read alone.
  private static let triesMax = 3

  let engine: Engine
  /// What an answer is about, as "today".
  let clock: @Sendable () -> Instant
  private let cache: AnswerCache

  init(engine: Engine, clock: @escaping @Sendable () -> Instant, cache: AnswerCache) {
    self.engine = engine
    self.clock = clock
    self.cache = cache
  }

  /// One call.
  struct Question<Page: PlannedAnswer>: Sendable {
    /// The request as it came.
    let bytes: [UInt8]
    let deadline: ContinuousClock.Instant?
    /// The plan by a catalogue, with slots that the schedule does not make any more.
    let plan: @Sendable (Catalogue, _ withdrawn: [Int64]) throws(Refusal) -> Page
    let reply: Reply
  }

  /// What is known to be the answer to `request` now; nil: it has to be asked.
  func known(_ request: Span<UInt8>) -> EncodedMessage? {
    guard let answer = cache.answer(to: request), let moment = engine.moment() else { return nil }
    return answer.message(at: moment, on: engine, clock: clock)
  }

  /// Answers `question`. To be called on the call's loop.
  func ask<Page: PlannedAnswer>(_ question: Question<Page>) {
    // Those of staff were not looked for before, for what they ask is noted.
    let bytes = question.bytes
    if let message = known(bytes.span) { return question.reply(.success(message)) }
    ask(question, triesLeft: Self.triesMax)
  }

  private func ask<Page: PlannedAnswer>(_ question: Question<Page>, triesLeft: Int) {
    guard triesLeft > 0, let moment = engine.moment() else { return askAlone(question) }
    // After the moment: what was decided before it is at that position or not published yet.
    let position = engine.position
    let turn = cache.open(question.bytes) { answer in
      question.reply.onLoop {
        let message = answer?.message(at: moment, after: position, on: engine, clock: clock)
        guard let message else {
          return ask(question, triesLeft: answer == nil ? 0 : triesLeft - 1)
        }
        question.reply(.success(message))
      }
    }
    switch turn {
    case .waits: break
    case .alone: askAlone(question)
    case .first:
      look(question) { result in
        question.reply(result.map(\.first))
        cache.close(question.bytes, try? result.get())
      }
    }
  }

  private func askAlone<Page: PlannedAnswer>(_ question: Question<Page>) {
    look(question) { result in
      question.reply(result.map(\.first))
      if case .success(let answer) = result { cache.keep(answer) }
    }
  }

  // MARK: Reading

  private typealias Done = @Sendable (Result<KnownAnswer, Refusal>) -> Void

  private func look<Page: PlannedAnswer>(_ question: Question<Page>, _ done: @escaping Done) {
    look(question, in: engine.catalogue, withdrawn: [], done)
  }

  // Plans and reads the pools that the plan names. Where the definitions are others by then, or slots are booked that the schedule does not
  // make any more, it plans once more on what was read.
  private func look<Page: PlannedAnswer>(
    _ question: Question<Page>, in catalogue: Catalogue, withdrawn: [Int64], _ done: @escaping Done
  ) {
    let page: Page
    do throws(Refusal) {
      page = try question.plan(catalogue, withdrawn)
    } catch {
      return done(.failure(error))
    }
    engine.read(page.question.query, until: question.deadline) { result in
      question.reply.onLoop {
        let reading: Reading
        do throws(Refusal) {
          reading = try engine.reading(of: result)
        } catch {
          return done(.failure(error))
        }
        let found = page.question.withdrawn(reading)
        guard reading.catalogue.revision == catalogue.revision,
          found == page.question.asked(withdrawn)
        else { return look(question, in: reading.catalogue, withdrawn: found, done) }
        done(.success(KnownAnswer(to: question.bytes, page, reading, on: engine)))
      }
    }
  }
}
