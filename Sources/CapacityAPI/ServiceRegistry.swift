internal import Capacity
internal import CapacityEngine
internal import CupoSchema
internal import Protobuf
internal import RPC

/// Puts handlers behind what every call passes: identity, access, the rules of the fields, and the error table.
struct ServiceRegistry {
  private(set) var table: ServiceTable
  private let access: Access
  private let witness: AuditWitness?
  private let log: Incident.Log

  /// - Parameters:
  ///   - witness: sees what is the audit log's business; nil: nobody does, where there is no store.
  ///   - limits: what calls have to pass besides Access.
  ///   - log: is told of calls that fail through the server's own fault.
  ///   - engine: whose queue calls are held against; nil: none.
  init(
    access: Access, witness: AuditWitness?, limits: CallLimits = CallLimits(),
    engine: Engine? = nil, log: @escaping Incident.Log = { _ in }
  ) {
    self.access = access
    self.witness = witness
    self.log = log
    table = ServiceTable(
      gate: { access.gate(of: $0, witness, limits.check(of: $0, engine)) },
      faults: { fault, context in
        ErrorTable.refusal(for: fault)?.status(of: context, log) ?? fault.error
      })
  }

  mutating func unary<Q: Message, R: Message>(
    _ method: Method<Q, R>, rules: @escaping @Sendable (Q) -> [FieldViolation],
    _ handler: @escaping @Sendable (Q, Caller) async throws(Refusal) -> R
  ) {
    let entrance = entrance(to: method)
    table.unary(method) { (request, context) async throws(RPCError) -> R in
      let caller = entrance.caller(with: request, context)
      do throws(Refusal) {
        try Self.check(rules(request))
        let response = try await handler(request, caller)
        entrance.wasRead(by: caller)
        return response
      } catch {
        throw entrance.turnAway(caller, with: request, error)
      }
    }
  }

  /// A method that is one command of the ledger: the request becomes it, and its outcome the response (nil: it cannot be).
  mutating func command<Q: Message, R: Message>(
    _ method: Method<Q, R>, on engine: Engine,
    rules: @escaping @Sendable (Q) -> [FieldViolation],
    _ command: @escaping @Sendable (Q, Caller) throws(Refusal) -> Command,
    _ response: @escaping @Sendable (Outcome, Caller) -> R?
  ) {
    let entrance = entrance(to: method)
    table.unary(method) { (request, context, answer: Answer<R>) in
      let caller = entrance.caller(with: request, context)
      let made: Command
      do throws(Refusal) {
        try Self.check(rules(request))
        made = try command(request, caller)
      } catch {
        return answer { () throws(RPCError) -> R in
          throw entrance.turnAway(caller, with: request, error)
        }
      }
      let pending = PendingCommand(request, caller, entrance, engine, answer, response)
      engine.execute(made, note: caller.note, until: caller.deadline) { result in
        pending.answer { () throws(RPCError) -> R in try pending.response(to: result) }
      }
    }
  }

  /// A method that tells all who may call it the same, so that what is known need not be asked again.
  ///
  /// - Parameters:
  ///   - known: the answer to the bytes of a request that was found to keep its rules; nil: it has to be asked.
  ///   - handler: has the request answered; it is given its bytes, too.
  mutating func read<Q: Message, R: Message>(
    _ method: Method<Q, R>, rules: @escaping @Sendable (Q) -> [FieldViolation],
    known: @escaping @Sendable (Span<UInt8>) -> EncodedMessage?,
    _ handler: @escaping @Sendable (Q, [UInt8], Caller, Reply) -> Void
  ) {
    let entrance = entrance(to: method)
    table.unary(
      method, known: { bytes, context in AuditWitness.passes(context) ? known(bytes) : nil },
      answering: { request, bytes, context, answer in
        let caller = entrance.caller(with: request, context)
        let reply = Reply(loop: { answer.onLoop($0) }) { result in
          switch result {
          case .success(let message):
            entrance.wasRead(by: caller)
            answer(message)
          case .failure(let refusal):
            answer { () throws(RPCError) -> R in
              throw entrance.turnAway(caller, with: request, refusal)
            }
          }
        }
        do throws(Refusal) {
          try Self.check(rules(request))
        } catch {
          return reply(.failure(error))
        }
        handler(request, bytes, caller, reply)
      })
  }

  mutating func serverStreaming<Q: Message, R: Message>(
    _ method: Method<Q, R>, rules: @escaping @Sendable (Q) -> [FieldViolation],
    _ handler: @escaping @Sendable (Q, Caller, ResponseWriter<R>) async throws(StreamEnd) -> Void
  ) {
    let (entrance, streams) = (entrance(to: method), access.streams)
    table.serverStreaming(method) { (request, context, writer) async throws(RPCError) in
      let caller = entrance.caller(with: request, context)
      do throws(StreamEnd) {
        do throws(Refusal) {
          try Self.check(rules(request))
        } catch {
          throw StreamEnd.refused(error)
        }
        // When it begins: what it shows may never end.
        entrance.wasRead(by: caller)
        let number = streams.add(caller.principal, context)
        defer { streams.remove(number) }
        try await handler(request, caller, writer)
      } catch {
        switch error {
        case .refused(let refusal): throw entrance.turnAway(caller, with: request, refusal)
        case .transport(let error): throw error
        }
      }
    }
  }

  private func entrance<Q, R>(to method: Method<Q, R>) -> Entrance {
    // A method without one could be called by nobody.
    guard let rule = access.rule(of: method.path) else {
      preconditionFailure("\(method.path) has no contract")
    }
    return Entrance(
      rule: rule, witness: witness, watch: access.watch(of: method.path), log: log)
  }

  /// Refuses a request with violations.
  static func check(_ violations: [FieldViolation]) throws(Refusal) {
    guard !violations.isEmpty else { return }
    var refusal = Refusal.violations(
      violations.map { .init(field: $0.field, description: $0.description) })
    // A wrong spelling has a reason of its own, unless more is wrong than that.
    if violations.allSatisfy(\.isSlot) { refusal.reason = .slotMalformed }
    throw refusal
  }
}

/// What a call's response needs once its command is decided. One object, so that the way to the lane and back passes one reference: what
/// both threads count of the same objects goes to and fro between their processors.
private final class PendingCommand<Q: Message, R: Message>: Sendable {
  let answer: Answer<R>
  private let request: Q
  private let caller: Caller
  private let entrance: Entrance
  private let engine: Engine
  private let respond: @Sendable (Outcome, Caller) -> R?

  init(
    _ request: Q, _ caller: Caller, _ entrance: Entrance, _ engine: Engine, _ answer: Answer<R>,
    _ respond: @escaping @Sendable (Outcome, Caller) -> R?
  ) {
    self.request = request
    self.caller = caller
    self.entrance = entrance
    self.engine = engine
    self.answer = answer
    self.respond = respond
  }

  func response(to result: Result<Outcome, EngineError>) throws(RPCError) -> R {
    do throws(Refusal) {
      guard let response = respond(try engine.outcome(of: result), caller) else {
        throw Refusal(.internal)
      }
      return response
    } catch {
      throw entrance.turnAway(caller, with: request, error)
    }
  }
}

/// Why a stream ends early.
enum StreamEnd: Error {
  case refused(Refusal)
  /// The call is gone: cancelled, past its deadline, or its connection lost.
  case transport(RPCError)
}
