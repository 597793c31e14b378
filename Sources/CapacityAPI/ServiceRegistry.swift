internal import CupoSchema
internal import Protobuf
internal import RPC

/// Puts handlers behind what every call passes: identity, access, the rules of the fields, and the error table.
struct ServiceRegistry {
  private(set) var table: ServiceTable
  private let access: Access

  init(access: Access) {
    self.access = access
    table = ServiceTable { fault, context in
      let language = Language(acceptLanguage: context.metadata["accept-language"])
      return ErrorTable.refusal(for: fault)?.status(in: language) ?? fault.error
    }
  }

  mutating func unary<Q: Message, R: Message>(
    _ method: Method<Q, R>, rules: @escaping @Sendable (Q) -> [FieldViolation],
    _ handler: @escaping @Sendable (Q, Caller) async throws(Refusal) -> R
  ) {
    let (access, contract) = (access, contract(of: method))
    table.unary(method) { (request, context) async throws(RPCError) -> R in
      do throws(Refusal) {
        let caller = Caller(principal: try access.admit(context, to: contract))
        try Self.check(rules(request))
        return try await handler(request, caller)
      } catch {
        throw Self.status(error, context)
      }
    }
  }

  mutating func serverStreaming<Q: Message, R: Message>(
    _ method: Method<Q, R>, rules: @escaping @Sendable (Q) -> [FieldViolation],
    _ handler: @escaping @Sendable (Q, Caller, ResponseWriter<R>) async throws(StreamEnd) -> Void
  ) {
    let (access, contract) = (access, contract(of: method))
    table.serverStreaming(method) { (request, context, writer) async throws(RPCError) in
      do throws(StreamEnd) {
        let caller: Caller
        do throws(Refusal) {
          caller = Caller(principal: try access.admit(context, to: contract))
          try Self.check(rules(request))
        } catch {
          throw StreamEnd.refused(error)
        }
        try await handler(request, caller, writer)
      } catch {
        switch error {
        case .refused(let refusal): throw Self.status(refusal, context)
        case .transport(let error): throw error
        }
      }
    }
  }

  private func contract<Q, R>(of method: Method<Q, R>) -> MethodContract {
    guard let contract = MethodContract.of(path: method.path) else {
      preconditionFailure("\(method.path) has no contract")
    }
    return contract
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
