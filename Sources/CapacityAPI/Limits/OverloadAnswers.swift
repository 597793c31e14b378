internal import CupoSchema
internal import RPC
internal import Synchronization

/// Answers that say OVERLOADED, made once for each language and wait: saying no must stay cheaper than doing it.
final class OverloadAnswers: Sendable {
  private struct Key: Hashable {
    let language: Language
    let milliseconds: Int64
  }

  // There are two languages and a handful of waits (``Patience``), so this stays small.
  private let made = Mutex<[Key: RPCError]>([:])

  func answer(afterWait wait: Duration, to call: CallContext) -> RPCError {
    let key = Key(
      language: Language(acceptLanguage: call.metadata["accept-language"]),
      milliseconds: Patience.milliseconds(afterWait: wait))
    return made.withLock { made in
      if let known = made[key] { return known }
      var refusal = Refusal(.overloaded)
      refusal.retryMilliseconds = key.milliseconds
      let answer = refusal.status(in: key.language).prepared()
      made[key] = answer
      return answer
    }
  }
}
