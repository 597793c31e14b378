internal import CupoSchema
internal import Protobuf
internal import RPC

/// Puts handlers behind what every call passes: identity, access, the rules of the fields, and the error table.
struct ServiceRegistry {
  private(set) var table: ServiceTable

  init(access: Access) {
    table = ServiceTable { fault, context in
      let language = Language(acceptLanguage: context.metadata["accept-language"])
      return ErrorTable.refusal(for: fault)?.status(in: language) ?? fault.error
    }
    table.decorate { (context, next) async throws(RPCError) -> ServiceTable.Reply in
      // Health and reflection have no contract: they are for everybody.
      guard let contract = MethodContract.of(path: context.path) else {
        return try await next(context)
      }
      var context = context
      do throws(Refusal) {
        context.principal = try access.admit(context, to: contract)
      } catch {
        throw Self.status(error, context)
      }
      return try await next(context)
    }
  }

  mutating func unary<Q: Message, R: Message>(
    _ method: Method<Q, R>, rules: @escaping @Sendable (Q) -> [FieldViolation],
    _ handler: @escaping @Sendable (Q, Caller) async throws(Refusal) -> R
  ) {
    requireContract(method)
    table.unary(method) { (request, context) async throws(RPCError) -> R in
      do throws(Refusal) {
        try Self.check(rules(request))
        return try await handler(request, Caller(context))
      } catch {
        throw Self.status(error, context)
      }
    }
  }

  mutating func serverStreaming<Q: Message, R: Message>(
    _ method: Method<Q, R>, rules: @escaping @Sendable (Q) -> [FieldViolation],
    _ handler: @escaping @Sendable (Q, Caller, ResponseWriter<R>) async throws(StreamEnd) -> Void
  ) {
    requireContract(method)
    table.serverStreaming(method) { (request, context, writer) async throws(RPCError) in
      do throws(StreamEnd) {
        do throws(Refusal) {
          try Self.check(rules(request))
        } catch {
          throw StreamEnd.refused(error)
        }
        try await handler(request, Caller(context), writer)
      } catch {
        switch error {
        case .refused(let refusal): throw Self.status(refusal, context)
        case .transport(let error): throw error
        }
      }
    }
  }

  // A method without one would pass the access check unseen.
  private func requireContract<Q, R>(_ method: Method<Q, R>) {
    precondition(
      MethodContract.of(path: method.path) != nil, "\(method.path) has no contract")
  }

  private static func check(_ violations: [FieldViolation]) throws(Refusal) {
    guard !violations.isEmpty else { return }
    var refusal = Refusal.violations(
      violations.map { .init(field: $0.field, description: $0.description) })
    // A wrong spelling has a reason of its own, unless more is wrong than that.
    if violations.allSatisfy(\.isSlot) { refusal.reason = .slotMalformed }
    throw refusal
  }

  private static func status(_ refusal: Refusal, _ context: CallContext) -> RPCError {
    refusal.status(in: Language(acceptLanguage: context.metadata["accept-language"]))
  }
}

/// Why a stream ends early.
enum StreamEnd: Error {
  case refused(Refusal)
  /// The call is gone: cancelled, past its deadline, or its connection lost.
  case transport(RPCError)
}
