internal import CupoSchema
internal import Protobuf
internal import RPC

/// Puts handlers behind what every call passes: identity, access, the rules of the fields, and the error table.
struct ServiceRegistry {
  private(set) var table: ServiceTable
  private let access: Access

  init(access: Access) {
    self.access = access
    table = ServiceTable(
      gate: { access.gate(of: $0) },
      faults: { fault, context in
        ErrorTable.refusal(for: fault)?.status(of: context) ?? fault.error
      })
  }

  mutating func unary<Q: Message, R: Message>(
    _ method: Method<Q, R>, rules: @escaping @Sendable (Q) -> [FieldViolation],
    _ handler: @escaping @Sendable (Q, Caller) async throws(Refusal) -> R
  ) {
    let rule = rule(of: method)
    table.unary(method) { (request, context) async throws(RPCError) -> R in
      do throws(Refusal) {
        try Self.check(rules(request))
        return try await handler(request, Caller(context, rule))
      } catch {
        throw error.status(of: context)
      }
    }
  }

  mutating func serverStreaming<Q: Message, R: Message>(
    _ method: Method<Q, R>, rules: @escaping @Sendable (Q) -> [FieldViolation],
    _ handler: @escaping @Sendable (Q, Caller, ResponseWriter<R>) async throws(StreamEnd) -> Void
  ) {
    let rule = rule(of: method)
    let streams = access.streams
    table.serverStreaming(method) { (request, context, writer) async throws(RPCError) in
      do throws(StreamEnd) {
        do throws(Refusal) {
          try Self.check(rules(request))
        } catch {
          throw StreamEnd.refused(error)
        }
        let caller = Caller(context, rule)
        let number = streams.add(caller.principal, context)
        defer { streams.remove(number) }
        try await handler(request, caller, writer)
      } catch {
        switch error {
        case .refused(let refusal): throw refusal.status(of: context)
        case .transport(let error): throw error
        }
      }
    }
  }

  // A method without one could be called by nobody.
  private func rule<Q, R>(of method: Method<Q, R>) -> AccessRule {
    guard let rule = access.rule(of: method.path) else {
      preconditionFailure("\(method.path) has no contract")
    }
    return rule
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

/// Why a stream ends early.
enum StreamEnd: Error {
  case refused(Refusal)
  /// The call is gone: cancelled, past its deadline, or its connection lost.
  case transport(RPCError)
}
